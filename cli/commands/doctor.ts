import type { Command } from 'commander';
import { ask } from '../ask.ts';
import type { Bind, CommandContext, JsonObject } from '../context.ts';
import { CommandFailure } from '../errors.ts';
import { environmentFindings } from '../format/environment-findings.ts';
import { type Finding, findings } from '../format/findings.ts';
import { printable } from '../format/printable.ts';
import { remedyLines } from '../format/remedy.ts';
import { summariesOf } from '../format/summary.ts';
import { typedCommand } from '../target.ts';

interface DoctorOptions {
  readonly alert?: boolean;
}

/** Adds `doctor`. */
export function addDoctorCommand(program: Command, bind: Bind): void {
  program
    .command('doctor')
    .description('what is not well in an environment, and what mends it; fails if anything is')
    .option('--alert', 'send a test alert, and wait for the code that is in it')
    .addHelpText(
      'after',
      '\nExamples:\n  $ npx renova doctor --env prd\n  $ npx renova doctor --alert --env prd',
    )
    .action(bind(doctor));
}

/** Examines the environment, or its alerts. Rejects with a {@link CommandFailure} when something is not well. */
function doctor(context: CommandContext, { alert }: DoctorOptions): Promise<void> {
  return alert ? examineAlerts(context) : examine(context);
}

async function examine(context: CommandContext): Promise<void> {
  const { clock, stdout, target, json } = context;
  const quietly = { ...context, json: false };
  const credentials = summariesOf(await ask(quietly, 'admin', { action: 'list' }));
  const { quotas } = await ask(quietly, 'admin', { action: 'capacity' });
  const nowMs = clock.nowMs();
  const ofCredentials = findings(credentials, Array.isArray(quotas) ? quotas : [], nowMs);
  const ofEnvironment = environmentFindings(await examined(quietly), nowMs);
  // Of silence, what the last tick says is surer than what is due.
  const isSilent = ofEnvironment.some(({ code }) => code === 'schedule-silent');
  const found = [
    ...ofEnvironment,
    ...ofCredentials.filter(({ code }) => !isSilent || code !== 'schedule-silent'),
  ];
  if (json) stdout.write(`${JSON.stringify(documentOf(context, credentials.length, found))}\n`);
  else for (const finding of found) stdout.write(`${printed(context, finding)}\n`);
  if (found.length > 0) {
    throw new CommandFailure('not-well', `${target.env} is not well: ${counted(found.length, 'finding')}`);
  }
  if (!json) stdout.write(`${allWell(target.env, credentials.length)}\n`);
}

/** What the functions say of themselves; nothing where they are of a version that cannot. */
async function examined(context: CommandContext): Promise<JsonObject> {
  try {
    return await ask(context, 'admin', { action: 'examine' });
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    return error.code === 'unknown-action' ? {} : { unanswered: error.code };
  }
}

function printed({ target, colors }: CommandContext, { explanation, remedy, again }: Finding): string {
  const lines = remedyLines(remedy, target, (text) => colors.bold(printable(text)), again);
  return [printable(explanation), ...lines.map((line) => `  ${line}`)].join('\n');
}

/** One document for machines: each finding with its code, what it means, and the command as data and as it is typed. */
function documentOf({ target }: CommandContext, credentials: number, found: readonly Finding[]): JsonObject {
  return {
    environment: target.env,
    credentials,
    findings: found.map(({ code, credential, explanation, remedy }) => ({
      code,
      credential,
      explanation,
      remedy: remedy.text,
      command: remedy.command,
      command_line: remedy.command && typedCommand(target, remedy.command),
    })),
  };
}

/** A schedule is heard by what it does for credentials. */
function allWell(env: string, credentials: number): string {
  if (credentials === 0) return `${env} has no credentials yet, so nothing can be said of its schedule.`;
  return `${env} is well: ${counted(credentials, 'credential')}, the schedule and the quotas.`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

async function examineAlerts(context: CommandContext): Promise<void> {
  const { target, stdin, stdout, prompts, json } = context;
  const { accepted, code } = (await ask(context, 'admin', { action: 'test-alert' })) as JsonObject;
  if (accepted !== true) {
    throw new CommandFailure(
      'alert-not-accepted',
      'the event bus did not take the test alert',
      `Look into the log of renova-${target.env}-refresh: its right to events:PutEvents, or AWS's health.`,
    );
  }
  if (json) return;
  const where = target.localEndpoint
    ? "GET /events of the local stack's read API"
    : "the mailbox of the stack's alerts";
  if (!stdin.isTTY) {
    stdout.write(`A test alert with the code ${String(code)} is on its way. Look into ${where}.\n`);
    return;
  }
  stdout.write(`A test alert is on its way. Look into ${where}.\n`);
  const typed = await prompts.visible('Code in the alert (empty: none came):', { optional: true });
  if (typed.trim() !== code) throw notHeard(context, typed);
  stdout.write('The alert arrived, and somebody reads alerts.\n');
}

function notHeard({ target }: CommandContext, typed: string): CommandFailure {
  const what = typed.trim() === '' ? 'no alert arrived' : 'that is not the code of this alert';
  const remedy =
    `Is the address confirmed? AWS sent it a link when the stack was deployed; ` +
    `"PendingConfirmation" in: aws sns list-subscriptions --query "Subscriptions[?contains(TopicArn, 'renova-${target.env}-alerts')]". ` +
    `Alerts that the topic refused are in the queue renova-${target.env}-undelivered-alerts.`;
  return new CommandFailure('alert-not-heard', what, remedy);
}
