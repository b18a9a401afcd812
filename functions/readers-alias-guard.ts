import * as v from 'valibot';
import { READERS_ALIAS } from '../shared/config/names.ts';
import { ReadersMessage } from '../shared/refresh-service/messages.ts';

/** Something came through the alias `readers` that the read function does not send. */
export class NotForReadersError extends Error {
  readonly code = 'not-for-readers';
  override readonly name = 'NotForReadersError';
}

/**
 * IAM tells who may invoke what, not which message: the read function's role may invoke the alias alone, and what
 * comes through the alias may be a refresh without force and nothing else, not even a tick. Throws
 * {@link NotForReadersError}, which holds nothing of the event (I7).
 *
 * @param invokedFunctionArn of the Lambda context; it ends with the alias if the function was invoked by that. Lambda always gives it.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
 */
export function assertMaySend(invokedFunctionArn: string | undefined, event: unknown): void {
  if (!invokedFunctionArn?.endsWith(`:${READERS_ALIAS}`) || v.is(ReadersMessage, event)) return;
  throw new NotForReadersError(
    `Through the alias "${READERS_ALIAS}" only a refresh without force that waits for 8 seconds at most is taken; invoke the function by its own name.`,
  );
}
