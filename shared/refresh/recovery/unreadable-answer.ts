import type { Secret } from '../../secret/secret.ts';
import type { RefreshContext } from '../context.ts';

/**
 * The last 200 of the provider that could not be understood, as it came: it may hold the tokens that would
 * save the chain. Undefined when there is none. Rejects as the ledger and the sealer do.
 */
export async function unreadableAnswer(
  context: RefreshContext,
  credential: string,
): Promise<Secret | undefined> {
  const record = await context.ledger.load(credential);
  if (!record?.aside.unreadable) return undefined;
  const { sealedBody, generation, chain } = record.aside.unreadable;
  return context.sealer.openAnswer(sealedBody, { credential, chain, generation });
}
