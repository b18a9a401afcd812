import { unreadableAnswersOf } from '../../credential/credential.ts';
import type { Secret } from '../../secret/secret.ts';
import type { RefreshContext } from '../context.ts';

/** A 2xx of the provider that could not be understood, as it came. */
export interface OpenedAnswer {
  readonly atMs: number;
  readonly generation: number;
  readonly body: Secret;
}

/**
 * The answers of the provider that could not be understood, the latest first: one of them may hold the tokens that would
 * save the chain. One that cannot be opened does not hide the others. Rejects as the ledger does, and as the sealer
 * does for all of them.
 */
export async function unreadableAnswers(
  context: RefreshContext,
  credential: string,
): Promise<readonly OpenedAnswer[]> {
  const record = await context.ledger.load(credential);
  if (!record) return [];
  const opened = await Promise.allSettled(
    unreadableAnswersOf(record.aside)
      .toReversed()
      .map(async ({ atMs, sealedBody, generation, chain }) => ({
        atMs,
        generation,
        body: await context.sealer.openAnswer(sealedBody, { credential, chain, generation }),
      })),
  );
  const answers = opened.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  const closed = opened.find((one) => one.status === 'rejected');
  if (answers.length === 0 && closed) throw closed.reason;
  return answers;
}
