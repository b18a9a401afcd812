import type { Command } from 'commander';
import { type ExaminedAccount, examineAccount, type Unexamined } from '../account/examine-account.ts';
import { ask } from '../ask.ts';
import type { Bind, CommandContext, JsonObject } from '../context.ts';
import { CommandFailure } from '../errors.ts';
import { addressFindings, environmentFindings, unanswered } from '../format/environment-findings.ts';
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
    .description('what is not well in an environment, and what fixes it; fails if anything is')
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
  const nowMs = clock.nowMs();
  const [credentials, quotas, answers, read, account] = await Promise.all([
    asked(context, 'list', (answer) => summariesOf(answer)),
    asked(context, 'capacity', ({ quotas }) => (Array.isArray(quotas) ? quotas : [])),
    asked(context, 'examine', (answer) => answer),
    askedRead(context),
    examineAccount(context.askAws, target.env, target.localEndpoint !== undefined),
  ]);
  const registered = credentials.answer ?? [];
  const ofEnvironment = [
    ...unanswered(credentials.code ?? quotas.code),
    ...environmentFindings({ ...examination(answers), read }, nowMs),
    ...account.findings,
    ...addressFindings(registered, target, account.facts),
  ];
  // Of silence, what the last tick says is surer than what is due.
  const isSilent = ofEnvironment.some(({ code }) => code === 'schedule-silent');
  const found = [
    ...ofEnvironment,
    ...findings(registered, quotas.answer ?? [], nowMs).filter(
      ({ code }) => !isSilent || code !== 'schedule-silent',
    ),
  ];
  const looked = { credentials: registered.length, found, account };
  if (json) stdout.write(`${JSON.stringify(documentOf(context, looked))}\n`);
  else for (const line of reportLines(context, looked)) stdout.write(`${line}\n`);
  if (found.length > 0) {
    throw new CommandFailure('not-well', `${target.env} is not well: ${counted(found.length, 'finding')}`);
  }
}

/** What was seen, of which there is nothing more to ask. */
interface Looked {
  readonly credentials: number;
  readonly found: readonly Finding[];
  readonly account: ExaminedAccount;
}

interface Asked<Answer> {
  readonly answer?: Answer;
  /** Why there is none. */
  readonly code?: string;
}

/** An answer of the admin function; a function that answers with an error is a finding, and no reason to look no further. */
async function asked<Answer>(
  context: CommandContext,
  action: string,
  read: (answer: JsonObject) => Answer,
): Promise<Asked<Answer>> {
  try {
    return { answer: read(await ask({ ...context, json: false }, 'admin', { action })) };
  } catch (error) {
    if (!(error instanceof CommandFailure) || NOWHERE.has(error.code)) throw error;
    return { code: error.code };
  }
}

/** Codes of a command that came nowhere near an environment: there is nothing to look at. */
const NOWHERE = new Set([
  'unreachable',
  'not-a-local-stack',
  'other-environment',
  'no-region',
  'no-profile',
  'no-credentials',
  'credentials-refused',
  'not-allowed',
]);

/** What the functions say of themselves; nothing where they are of a version that cannot. */
function examination({ answer, code }: Asked<JsonObject>): JsonObject {
  return answer ?? (code === 'unknown-action' ? {} : { unanswered: code });
}

/** The same of the read function, which an operator may not have the right to invoke. */
async function askedRead(context: CommandContext): Promise<JsonObject> {
  try {
    return await ask({ ...context, json: false }, 'read', { examine: true });
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    if (error.code === 'invalid-request' || NOWHERE.has(error.code)) return {};
    return { unanswered: error.code };
  }
}

function reportLines(context: CommandContext, { credentials, found, account }: Looked): string[] {
  const { account: id, region, egress_addresses: addresses = [] } = account.facts;
  const where = [id && `account ${id}`, region && `region ${region}`].filter(Boolean).join(', ');
  return [
    ...found.map((finding) => printed(context, finding)),
    ...(found.length === 0 ? [allWell(context.target.env, credentials)] : []),
    ...(context.target.localEndpoint === undefined && where ? [`Looked at: ${where}.`] : []),
    ...(addresses.length > 0
      ? [`Providers see ${addresses.join(' and ')}: enter them where a provider allows addresses.`]
      : []),
    ...unexaminedLines(account.unexamined),
  ];
}

/** One line for each reason. */
function unexaminedLines(unexamined: readonly Unexamined[]): string[] {
  return [...Map.groupBy(unexamined, ({ reason }) => reason)].map(([reason, all]) => {
    const named = all.map(({ what, permission }) => `${what} (${permission})`).join(', ');
    return `Not looked at (${printable(reason)}): ${named}.`;
  });
}

function printed({ target, colors }: CommandContext, { explanation, remedy, again }: Finding): string {
  const lines = remedyLines(remedy, target, (text) => colors.bold(printable(text)), again);
  return [printable(explanation), ...lines.map((line) => `  ${line}`)].join('\n');
}

/** One document for machines: each finding with its code, what it means, and the command as data and as it is typed. */
function documentOf({ target }: CommandContext, { credentials, found, account }: Looked): JsonObject {
  return {
    environment: target.env,
    ...account.facts,
    credentials,
    findings: found.map(({ code, credential, explanation, remedy, again }) => ({
      code,
      credential,
      explanation,
      remedy: remedy.text,
      command: remedy.command,
      command_line: remedy.command && typedCommand(target, remedy.command),
      again,
      otherwise: remedy.otherwise && {
        ...remedy.otherwise,
        command_line: typedCommand(target, remedy.otherwise.command),
      },
    })),
    unexamined: account.unexamined,
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
  if (target.localEndpoint) {
    return new CommandFailure(
      'alert-not-heard',
      what,
      'The local stack sends no mail: read the code in GET /events of its read API, in the event Test Alert (reason).',
    );
  }
  const remedy =
    `Is the address confirmed? AWS sent it a link when the stack was deployed; ` +
    `"PendingConfirmation" in: aws sns list-subscriptions --query "Subscriptions[?contains(TopicArn, 'renova-${target.env}-alerts')]". ` +
    `Alerts that the topic refused are in the queue renova-${target.env}-undelivered-alerts.`;
  return new CommandFailure('alert-not-heard', what, remedy);
}
