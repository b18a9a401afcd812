import type { Clock } from '../../../shared/clock/clock.ts';
import type { SealedPair } from '../../../shared/credential/credential.ts';
import { SealError } from '../../../shared/sealing/seal.ts';
import type { Sealer, UnsealedPair } from '../../../shared/sealing/sealer.ts';
import { Secret } from '../../../shared/secret/secret.ts';

const RING_AGE_MS = 5 * 60_000;

/**
 * A sealer whose seals everybody can read: bound as the real ones are, and the simulator sees which token lands
 * in which store. `loadRings` stands for reading the key rings, as often as the real one does it.
 */
export function openSealer(clock: Clock, loadRings: () => Promise<unknown>): Sealer {
  let loadedAtMs: number | undefined;
  const ready = async () => {
    if (loadedAtMs !== undefined && clock.monotonicMs() - loadedAtMs < RING_AGE_MS) return;
    try {
      await loadRings();
      loadedAtMs = clock.monotonicMs();
    } catch (error) {
      if (loadedAtMs === undefined) throw error;
    }
  };
  return {
    ready,
    reload: ready,
    sealPair: async (credential, pair, { accessToken, refreshToken }) => ({
      ...pair,
      ...(accessToken && { sealedAccess: `${label('access', credential, pair)}${accessToken.reveal()}` }),
      ...(refreshToken && { sealedRefresh: `${label('refresh', credential, pair)}${refreshToken.reveal()}` }),
    }),
    accessToken: async (credential, pair) => {
      if (loadedAtMs === undefined) await ready();
      return open(pair.sealedAccess, label('access', credential, pair));
    },
    refreshToken: async (credential, pair) => {
      if (loadedAtMs === undefined) await ready();
      return open(pair.sealedRefresh, label('refresh', credential, pair));
    },
    reseal: async () => undefined,
    resealAnswer: async () => undefined,
    sealAnswer: async (body, at) => `${label('answer', at.credential, at)}${body.reveal()}`,
    openAnswer: async (sealed, at) => {
      const opened = open(sealed, label('answer', at.credential, at));
      if (!opened) throw new SealError('broken-seal', 'It does not belong here.');
      return opened;
    },
  };
}

function label(
  use: string,
  credential: string,
  { chain, generation }: Pick<UnsealedPair | SealedPair, 'chain' | 'generation'>,
): string {
  return `seal|${use}|${credential}|${chain}|${generation}|`;
}

function open(sealed: string | undefined, expected: string): Secret | undefined {
  if (sealed === undefined) return undefined;
  if (!sealed.startsWith(expected)) throw new SealError('broken-seal', 'It does not belong here.');
  return new Secret(sealed.slice(expected.length));
}
