import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { USUAL_PROVIDER } from '../../shared/provider/profiles.ts';
import { carryOut, type Done } from '../apply/carry-out.ts';
import { readDeclaration, type SecretsReference } from '../apply/declaration.ts';
import { type Change, type Existing, planLines, planOf } from '../apply/plan.ts';
import { ask } from '../ask.ts';
import type { Bind, CommandContext, JsonObject } from '../context.ts';
import { CommandFailure, UsageError } from '../errors.ts';
import { stepsOf } from '../format/outcome.ts';
import { printable } from '../format/printable.ts';
import { assertTypable, questionsToRegister } from '../secrets/questions.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { onWire, type Question, secretsFor } from '../secrets/secrets-input.ts';
import { parseSecrets } from '../secrets/secrets-json.ts';

interface ApplyOptions {
  readonly file: string;
  readonly dryRun?: boolean;
}

/** Adds `apply` and `export`. */
export function addApplyCommands(program: Command, bind: Bind): void {
  program
    .command('apply')
    .description('register and update what a YAML file declares; done again, it changes nothing')
    .requiredOption('-f, --file <file>', 'the file')
    .option('--dry-run', 'show what would be done, and do nothing')
    .addHelpText('after', '\nExample:\n  $ npx renova apply -f credentials.yaml --dry-run --env prd')
    .action(bind(apply));
  program
    .command('export')
    .description('all credentials and apps as a file for apply, without secrets')
    .addHelpText('after', '\nExample:\n  $ npx renova export --env prd > credentials.yaml')
    .action(bind(exportAll));
}

async function apply(context: CommandContext, { file, dryRun }: ApplyOptions): Promise<void> {
  const declared = readDeclaration(textOf(file, '--file takes the name of a file that can be read'));
  const quiet = { ...context, json: false };
  const existing = (await ask(quiet, 'admin', { action: 'export' })) as unknown as Existing;
  const plan = planOf(declared, existing);
  if (dryRun) {
    print(context, planLines(plan), { changes: plan.changes.map(described), unchanged: plan.unchanged });
    return;
  }
  // Everything that must be typed or read is there before the first request.
  const secrets = new Map<Change, Secrets>();
  for (const change of plan.changes) secrets.set(change, await secretsOf(context, change));
  const send = async (change: Change) => {
    const answer = await ask(quiet, 'admin', requestOf(change, secrets.get(change) ?? {}));
    assertTaken(answer);
    return answer;
  };
  const done = await carryOut(context, plan.changes, send, (one) => {
    if (!context.json) context.stdout.write(`${printable(lineOf(one))}\n`);
  });
  const failed = done.filter(({ failure }) => failure);
  print(
    context,
    [`${done.length - failed.length} done, ${plan.unchanged} as declared, ${failed.length} failed`],
    {
      done: done.map(({ change, failure }) => ({ ...described(change), ...(failure && { error: failure }) })),
      unchanged: plan.unchanged,
    },
  );
  if (failed.length === 0) return;
  throw new CommandFailure(
    'not-all-applied',
    `${failed.length} of ${done.length} changes were not made`,
    'Correct what is said above, and apply the file again: what is done is not done twice.',
  );
}

async function exportAll(context: CommandContext): Promise<void> {
  const { credentials, apps } = (await ask(context, 'admin', { action: 'export' })) as unknown as Existing;
  if (context.json) return;
  const byName = (entries: readonly (readonly [string, unknown])[]) => Object.fromEntries(entries);
  const text = stringify({
    ...(apps.length > 0 && { apps: byName(apps.map(({ app, ...rest }) => [app, rest])) }),
    credentials: byName(credentials.map(({ credential, ...settings }) => [credential, settings])),
  });
  context.stdout.write(text);
}

/** A refresh that only waits for its turn is the next tick's. Rejects what the provider refused. */
function assertTaken(answer: JsonObject): void {
  if (answer.state !== 'lapsed' && !answer.outcome) return;
  const why = stepsOf(answer).find(({ ok }) => !ok)?.detail ?? 'its first refresh failed';
  throw new CommandFailure('step-failed', `it is registered, and ${why}`);
}

function requestOf(change: Change, secrets: Secrets): JsonObject {
  switch (change.do) {
    case 'put-app': {
      const { name, tags } = change.app;
      return { action: 'app-put', app: name, ...(tags && { tags }), ...onWire(secrets) };
    }
    case 'register': {
      const { id, settings } = change.credential;
      return { action: 'register', credential: id, ...settings, ...onWire(secrets) };
    }
    case 'update':
      return { action: 'update', credential: change.id, ...change.settings };
  }
}

/** From where the file says, or asked for. */
async function secretsOf(context: CommandContext, change: Change): Promise<Secrets> {
  if (change.do === 'update') return {};
  const { name, reference, questions, login } = neededBy(change);
  if (reference) return referred(context, reference, name);
  if (questions.length === 0) return {};
  if (!context.stdin.isTTY) {
    throw new UsageError(
      `${name} needs secrets and there is no terminal to ask for them: refer to them with secrets: {env: NAME} or {file: PATH}`,
    );
  }
  if (login) assertTypable(login, context.target);
  context.stderr.write(`${name}:\n`);
  return secretsFor(context, undefined, () => questions);
}

function neededBy(change: Exclude<Change, { do: 'update' }>) {
  if (change.do === 'put-app') {
    const { name, secrets: reference } = change.app;
    const questions: readonly Question[] = [{ member: 'client_id' }, { member: 'client_secret' }];
    return {
      name,
      reference: change.isNew ? reference : undefined,
      questions: change.isNew ? questions : [],
    };
  }
  const { id, secrets: reference, settings } = change.credential;
  const {
    provider = USUAL_PROVIDER,
    grant,
    client_auth,
    app,
  } = settings as Readonly<Record<string, string | undefined>>;
  const login = { provider, grant, clientAuth: client_auth, app } as Parameters<
    typeof questionsToRegister
  >[0];
  return { name: id, reference, questions: questionsToRegister(login), login };
}

function referred(context: CommandContext, reference: SecretsReference, name: string): Secrets {
  const text =
    'env' in reference
      ? context.environment[reference.env]
      : textOf(reference.file, `secrets of ${name}: the file that is named cannot be read`);
  if (text === undefined) throw new UsageError(`secrets of ${name}: the variable that is named is not set`);
  try {
    return parseSecrets(Buffer.from(text));
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`secrets of ${name}: ${error.message}`);
    throw error;
  }
}

function textOf(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new UsageError(otherwise);
  }
}

function print({ json, stdout }: CommandContext, lines: readonly string[], answer: JsonObject): void {
  stdout.write(json ? `${JSON.stringify(answer)}\n` : `${lines.map(printable).join('\n')}\n`);
}

function described(change: Change): JsonObject {
  if (change.do === 'put-app') return { do: change.do, app: change.app.name };
  if (change.do === 'register') return { do: change.do, credential: change.credential.id };
  return { do: change.do, credential: change.id, settings: Object.keys(change.settings) };
}

function lineOf({ change, failure }: Done): string {
  const { app, credential } = described(change);
  const name = app === undefined ? String(credential) : `app ${app}`;
  return failure ? `✗ ${name}: ${failure.message}` : `✓ ${name}`;
}
