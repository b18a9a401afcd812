import type { CommandContext, JsonObject } from './context.ts';
import { CommandFailure } from './errors.ts';
import { isCommand, remedyOf } from './format/remedy.ts';
import { everyPage } from './invoke/every-page.ts';
import { type Target, typedCommand } from './target.ts';
import { saidWhileWaiting } from './waiting.ts';

/**
 * Sends a request to the admin or the read function and gives its answer; with `--json` it is printed as it
 * is, on one line, an error too. `goesOn` tells the person how far it is while it is unfinished. Rejects with a {@link CommandFailure} that has the answer's error code.
 */
export async function ask(
  context: CommandContext,
  target: 'admin' | 'read',
  request: JsonObject,
  goesOn: (unfinished: JsonObject) => string = () => '',
): Promise<JsonObject> {
  let answer = await saidWhileWaiting(context, everyPage(context.invoke, target, request));
  // What takes minutes is answered for within one: asking again goes on where it ended.
  while (answer.unfinished === true) {
    context.stderr.write(goesOn(answer));
    answer = await context.invoke(target, request);
  }
  if (context.json) context.stdout.write(`${JSON.stringify(withCommandLine(answer, context.target))}\n`);
  if (answer.error !== undefined) throw refusalOf(answer.error, context.target);
  return answer;
}

/** As {@link ask}, at the admin function; `show` prints the answer for people, when it is people who read. */
export async function askAdmin(
  context: CommandContext,
  request: JsonObject & { readonly action: string },
  show: (answer: JsonObject) => string,
  goesOn?: (unfinished: JsonObject) => string,
): Promise<JsonObject> {
  const answer = await ask(context, 'admin', request, goesOn);
  if (!context.json) context.stdout.write(show(answer));
  return answer;
}

/**
 * Has the admin function say whether it would refuse a request, before a person is asked for the secrets of it. Rejects
 * as {@link ask}.
 */
export async function checkFirst(
  context: CommandContext,
  request: JsonObject & { readonly action: string },
): Promise<void> {
  await ask({ ...context, json: false }, 'admin', { ...request, check: true });
}

/** Has the admin function say that the credential exists. Rejects as {@link ask}. */
export async function statusFirst(context: CommandContext, id: string): Promise<JsonObject> {
  return ask({ ...context, json: false }, 'admin', { action: 'status', credential: id });
}

/** An error's command also as it is typed, for who copies it out of the JSON. */
function withCommandLine(answer: JsonObject, at: Target): JsonObject {
  const { error } = answer;
  if (typeof error !== 'object' || error === null || !('command' in error)) return answer;
  if (!isCommand(error.command)) return answer;
  return { ...answer, error: { ...error, command_line: typedCommand(at, error.command) } };
}

function refusalOf(error: unknown, at: Target): CommandFailure {
  const { code, message, remedy, command } = (error ?? {}) as Record<string, unknown>;
  const stable = typeof code === 'string' ? code : 'unknown-error';
  return new CommandFailure(
    stable,
    typeof message === 'string' ? message : `the function answered ${stable}`,
    remedyOf({ remedy, command }, at),
  );
}
