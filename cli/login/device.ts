import { ask } from '../ask.ts';
import type { CommandContext, JsonObject } from '../context.ts';
import { CommandFailure } from '../errors.ts';
import { printable } from '../format/printable.ts';

/** Seconds that are waited for longer after a `slow_down` (RFC 8628 §3.5). */
const SLOWER_SECONDS = 5;
/** What the provider says it takes for a moment: a part that did not answer, or a quota that has no place. */
const PASSING: ReadonlySet<string> = new Set([
  'refresh-service-unavailable',
  'store-unavailable',
  'function-failed',
]);

/** What the person is shown, and how the decision is asked for. */
export interface DeviceCodes {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete?: string;
  readonly expires_in: number;
  readonly interval: number;
}

/** Tells the person where to type which code, in whatever browser they have. */
export function showCodes({ stderr }: Pick<CommandContext, 'stderr'>, codes: DeviceCodes): void {
  const { verification_uri: page, verification_uri_complete: withCode, user_code: code } = codes;
  const direct = withCode === undefined ? '' : `or open:\n\n  ${printable(withCode)}\n\n`;
  stderr.write(
    `Open this page on any device and enter the code:\n\n  ${printable(page)}\n  ${printable(code)}\n\n${direct}`,
  );
}

/**
 * Asks for what the person was asked to allow, as often as the provider wants it, until they have decided. Rejects with
 * a {@link CommandFailure} when they refused, when the codes are over, or when the program is stopped.
 */
export async function untilDecided(
  context: CommandContext,
  { expires_in, interval }: DeviceCodes,
  request: JsonObject & { readonly action: string },
): Promise<JsonObject> {
  const { clock } = context;
  const endMs = clock.monotonicMs() + expires_in * 1000;
  const stop = new AbortController();
  let isStopped = false;
  const stopped = context.untilStopped().then(() => {
    isStopped = true;
    stop.abort();
  });
  stopped.catch(() => undefined);
  let seconds = Math.max(1, interval);
  for (;;) {
    await clock.sleep(seconds * 1000, stop.signal);
    if (clock.monotonicMs() >= endMs) break;
    if (isStopped) throw new CommandFailure('stopped', 'stopped before anybody decided; nothing was changed');
    try {
      return await ask(quietly(context), 'admin', request);
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      if (error.code === 'login-slow-down') seconds += SLOWER_SECONDS;
      else if (error.code !== 'login-pending' && !PASSING.has(error.code)) throw error;
    }
  }
  throw new CommandFailure(
    'nobody-decided',
    `nobody entered the code within ${Math.round(expires_in)} s; nothing was changed`,
    'Run the command again for a new code.',
  );
}

function quietly(context: CommandContext): CommandContext {
  return { ...context, json: false };
}
