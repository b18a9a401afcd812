import type { CommandContext, JsonObject } from './context.ts';
import { CommandFailure } from './errors.ts';
import { withTarget } from './format/suggested-commands.ts';
import type { Target } from './target.ts';

/**
 * Sends a request to the admin or the read function and gives its answer; with `--json` it is printed as it
 * is, on one line, an error too. Rejects with a {@link CommandFailure} that has the answer's error code.
 */
export async function ask(
  context: CommandContext,
  target: 'admin' | 'read',
  request: JsonObject,
): Promise<JsonObject> {
  const answer = await context.invoke(target, request);
  if (context.json) context.stdout.write(`${JSON.stringify(answer)}\n`);
  if (answer.error !== undefined) throw refusalOf(answer.error, context.target);
  return answer;
}

/** As {@link ask}, at the admin function; `show` prints the answer for people, when it is people who read. */
export async function askAdmin(
  context: CommandContext,
  request: JsonObject & { readonly action: string },
  show: (answer: JsonObject) => string,
): Promise<JsonObject> {
  const answer = await ask(context, 'admin', request);
  if (!context.json) context.stdout.write(show(answer));
  return answer;
}

function refusalOf(error: unknown, at: Target): CommandFailure {
  const { code, message, remedy } = (error ?? {}) as Record<string, unknown>;
  const stable = typeof code === 'string' ? code : 'unknown-error';
  return new CommandFailure(
    stable,
    typeof message === 'string' ? withTarget(message, at) : `the function answered ${stable}`,
    typeof remedy === 'string' ? withTarget(remedy, at) : undefined,
  );
}
