import { Secret } from '../../secret/secret.ts';
import { type Path, placesOf, tokenAt } from '../../token-endpoint/answer/value-at.ts';
import type { RefreshContext } from '../context.ts';
import { type ReseedResult, reseedChain } from '../operator/seed-chain.ts';
import { unreadableAnswers } from './unreadable-answer.ts';

/** Where an operator says that the refresh token lies in the answer that is kept. */
export interface Adoption {
  readonly credential: string;
  /** Id of the new chain. */
  readonly chain: string;
  readonly refreshTokenAt?: Path;
  /** How long an attempt in flight is waited for. */
  readonly waitMs: number;
}

/** What became of it. `not-found`: there is no whole token at that place; `places` says where one may be. */
export type AdoptionResult =
  | ReseedResult
  | { readonly result: 'nothing-to-rescue' }
  | { readonly result: 'not-found'; readonly places: readonly string[] };

/**
 * Takes over what an unreadable answer turns out to hold, the latest that has a token at that place: its refresh token
 * begins a new chain, without anybody having seen it. The answers are kept until that chain has brought a pair, so a
 * wrong place costs nothing. Rejects as the
 * ledger and the sealer do.
 */
export async function adoptAnswer(
  context: RefreshContext,
  { credential, chain, refreshTokenAt, waitMs }: Adoption,
): Promise<AdoptionResult> {
  const answers = await unreadableAnswers(context, credential);
  if (answers.length === 0) return { result: 'nothing-to-rescue' };
  const bodies = answers.map(({ body }) => body.reveal());
  const [token] = refreshTokenAt ? bodies.flatMap((body) => tokenAt(body, refreshTokenAt) ?? []) : [];
  if (token === undefined) return { result: 'not-found', places: [...new Set(bodies.flatMap(placesOf))] };
  return reseedChain(context, { credential, chain, refreshToken: new Secret(token), waitMs });
}
