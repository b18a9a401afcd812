import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { inGroups } from '../../ledger/in-groups.ts';
import { type KeyRing, KeyRingError, parseKeyRing } from '../../sealing/key-ring.ts';
import { KEY_HOLD_MS, renderKeyRing, withNewKey, withoutOldKeys } from '../../sealing/rotate-ring.ts';
import { RequestTokenReusedError, type SecretStore } from '../../secret-store/secret-store.ts';
import type { Invocation, RefreshContext } from '../context.ts';
import { type ResealResult, resealCredential } from './reseal-credential.ts';

export interface SealRings {
  readonly store: SecretStore;
  /** Names of the two ring secrets. */
  readonly names: readonly string[];
}

/** How far a rotation has come. */
export interface SealRotation {
  /** Credentials that were sealed anew since it began. */
  readonly resealed: number;
  /** Keys of each ring now, the current one last. */
  readonly rings: Readonly<Record<string, readonly string[]>>;
  /** Credentials of which something could not be opened under any key, some of many: it was left as it was. */
  readonly unopened?: readonly string[];
  /** True: a ring was changed by another rotation, and the vault does not show it yet. Nothing was sealed anew. */
  readonly behind?: boolean;
  /** True: the time was over. Doing it again goes on from there, without another key. */
  readonly unfinished?: boolean;
}

/** What is remembered of a rotation until it has ended. */
interface Sweep {
  readonly beganAtMs: number;
  readonly resealed: number;
  /** Credentials of which something could not be opened. */
  readonly unopened?: readonly string[] | undefined;
  /** The last credential that was looked at, in the order of the ledger. */
  readonly after?: string | undefined;
}

const SWEEP = v.object({
  beganAtMs: v.number(),
  resealed: v.number(),
  unopened: v.optional(v.array(v.string())),
  after: v.optional(v.string()),
});

/** Credentials that are sealed anew at a time. */
const AT_A_TIME = 10;
/** Whoever asked waits no longer than a minute for the answer (the time-out of the admin function). */
const SLICE_MS = 40_000;
/** What one step may take, and the end. */
const RESERVE_MS = 15_000;
/** So many credentials are named. */
const NAMED = 20;

/**
 * Rotates both seal keys: adds a new key to each ring, seals every pair of the ledger anew (whatever the state of
 * its credential) and has it published again, then drops the keys that nothing needs any more. One that the time or a
 * failure has ended goes on where it was when it is done again, and makes no key before it has ended. Two at once are
 * safe: one of them may be `behind`. Rejects with `StoreUnavailableError` or `KeyRingError`; then no key is dropped.
 */
export async function rotateSeal(
  context: RefreshContext,
  rings: SealRings,
  invocation: Invocation,
): Promise<SealRotation> {
  const { clock, ledger } = context;
  const endMs = clock.monotonicMs() + Math.min(SLICE_MS, invocation.remainingMs() - RESERVE_MS);
  let sweep = await beginSweep(context);
  // Not before its beginning, whatever this clock says: so it is known as a key of this rotation.
  const newKidMs = Math.max(clock.nowMs(), sweep.beganAtMs);
  for (const name of rings.names) {
    const ring = await rewrite(rings, name, (before) =>
      Date.parse(before.current) >= sweep.beganAtMs ? before : withNewKey(before, newKidMs),
    );
    if (!ring) return { resealed: 0, rings: {}, behind: true };
  }
  await context.sealer.reload();
  for await (const some of inGroups(ledger.list({ after: sweep.after }), AT_A_TIME)) {
    const done = await allOf(some.map((record) => resealCredential(context, record)));
    sweep = afterGroup(sweep, done, some.at(-1)?.credential);
    if (clock.monotonicMs() < endMs) continue;
    await remember(context, sweep);
    return { ...resultOf(sweep), unfinished: true };
  }
  const kids: Record<string, readonly string[]> = {};
  for (const name of rings.names) {
    const ring = await rewrite(rings, name, (now) => withoutOldKeys(now, clock.nowMs(), KEY_HOLD_MS));
    // Behind: the old keys stay until the next rotation.
    if (ring) kids[name] = [...ring.keys.keys()];
  }
  await remember(context, undefined);
  return { ...resultOf(sweep), rings: kids };
}

/** The rotation that has not ended, or a new one. */
async function beginSweep({ timestamps, clock }: RefreshContext): Promise<Sweep> {
  const now: Sweep = { beganAtMs: clock.nowMs(), resealed: 0 };
  const noted = await timestamps.note('seal-rotation', (before) => sweepOf(before) ?? now);
  return sweepOf(noted) ?? now;
}

/** A rotation has ended with `undefined`. */
async function remember({ timestamps }: RefreshContext, sweep: Sweep | undefined): Promise<void> {
  await timestamps.note('seal-rotation', () => sweep ?? {});
}

function sweepOf(note: unknown): Sweep | undefined {
  const { success, output } = v.safeParse(SWEEP, note);
  return success ? output : undefined;
}

/** What all came to. Rejects as the first that fails, when all have ended: none goes on behind an answer. */
async function allOf<Done>(work: readonly Promise<Done>[]): Promise<Done[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

function afterGroup(sweep: Sweep, done: readonly ResealResult[], after: string | undefined): Sweep {
  const unopened = done.flatMap((one) => (one.isUnopened ? one.credential : []));
  return {
    ...sweep,
    resealed: sweep.resealed + done.filter(({ isResealed }) => isResealed).length,
    unopened: [...(sweep.unopened ?? []), ...unopened].slice(0, NAMED),
    after,
  };
}

function resultOf({ resealed, unopened = [] }: Sweep): SealRotation {
  return { resealed, rings: {}, ...(unopened.length > 0 && { unopened }) };
}

/**
 * Replaces a ring, if it is still the one that was read; undefined if it is not. Reads of the vault may be behind, and
 * a key that is lost takes with it every token that was sealed under it. Secrets Manager compares no versions, but it
 * takes an idempotency token once: each version of a ring has one for its successor.
 *
 *     A   read v1 ── put v2, token of v1
 *     B        read v1 (behind) ──────── put, token of v1: refused, the key that A added stays
 */
async function rewrite(
  rings: SealRings,
  name: string,
  change: (ring: KeyRing) => KeyRing,
): Promise<KeyRing | undefined> {
  const stored = await rings.store.get(name);
  if (!stored) throw new KeyRingError(`${name}: there is no such secret; restore it.`);
  const before = parseKeyRing(name, stored.value);
  const after = change(before);
  if (after.current === before.current && after.keys.size === before.keys.size) return after;
  const requestToken = createHash('sha256').update(`after ${stored.versionId}`).digest('hex');
  try {
    await rings.store.put(name, renderKeyRing(after), { requestToken });
    return after;
  } catch (error) {
    if (error instanceof RequestTokenReusedError) return undefined;
    throw error;
  }
}
