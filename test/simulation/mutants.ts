import type { CredentialRecord } from '../../shared/credential/credential.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import type { Acquired } from '../../shared/quota/quota.ts';
import { Secret } from '../../shared/secret/secret.ts';
import { StoreUnavailableError } from '../../shared/table/table.ts';
import { classifyAnswer } from '../../shared/token-endpoint/answer/token-response.ts';
import type { Publication } from '../../shared/vault/publication.ts';
import type { Rescue } from '../../shared/vault/rescue.ts';
import { overriding } from '../support/overriding.ts';
import type { Classify } from './provider/token-post.ts';
import type { Alter } from './strategies/renova.ts';
import type { Strategy } from './strategies/strategy.ts';

/*
 * Renova with one of its parts taken away, each by other ports than the real ones: what the simulation must
 * convict if its verdicts are worth anything.
 */

/** Nothing is written before the post: nobody knows that somebody is about to spend the token. */
export const withoutBegin: Alter = (context) => {
  const { ledger } = context;
  const attempts = new Map<string, string | undefined>();
  const note = (record: CredentialRecord | undefined) => {
    if (record) attempts.set(record.credential, record.attempt?.id);
    return record;
  };
  const altered: Ledger<CredentialRecord> = {
    ...ledger,
    load: async (credential) => note(await ledger.load(credential)),
    save: async (record) => {
      const begins = record.attempt?.id !== attempts.get(record.credential);
      if (begins && record.attempt?.purpose === 'refresh') return;
      await ledger.save(record);
      note(record);
    },
  };
  return { ...context, ledger: altered };
};

/** An attempt protects nothing: whoever comes next takes it for one that ended without a trace. */
export const withoutLease: Alter = (context) => ({
  ...context,
  timing: { ...context.timing, leaseMs: 0, quietMs: -context.timing.storeByMs },
});

/** The new pair goes into the published secret first, and into the ledger once that has succeeded. */
export const publishBeforeKeep: Alter = (context) => {
  const { ledger, publication } = context;
  const unkept = new Map<string, CredentialRecord>();
  const altered = withNewPairs(ledger, async (record) => {
    unkept.set(record.credential, record);
  });
  const publishing: Pick<Publication, 'publish' | 'published' | 'createLanes'> = {
    published: (record) => publication.published(record),
    createLanes: (record) => publication.createLanes(record),
    publish: async (record, signal) => {
      await publication.publish(record, signal);
      const kept = unkept.get(record.credential);
      unkept.delete(record.credential);
      if (kept) await ledger.save(kept);
    },
  };
  return { ...context, ledger: altered, publication: publishing as Publication };
};

/** When the ledger does not take the pair there is no second place for it. */
export const withoutRescue: Alter = (context) => {
  const rescue: Pick<Rescue, 'get' | 'put'> = {
    get: async () => undefined,
    put: async () => {
      throw new StoreUnavailableError('there is no rescue secret');
    },
  };
  return { ...context, rescue: rescue as Rescue };
};

/** A counter for each minute of the clock instead of a window that slides. */
export function withMinuteCounter(): Alter {
  const counts = new Map<number, number>();
  return (context) => {
    const { clock } = context;
    const quota = overriding(context.quota, {
      acquire: async (limit): Promise<Acquired> => {
        const minute = Math.floor(clock.nowMs() / 60_000);
        const count = counts.get(minute) ?? 0;
        if (limit && count >= limit.limit) return { freeAtMs: (minute + 1) * 60_000 };
        counts.set(minute, count + 1);
        return { permit: { id: context.random.id(), quota: limit } };
      },
      settle: async () => undefined,
      release: async () => undefined,
      close: async () => undefined,
      occupied: async () => 0,
      reserve: async () => undefined,
      stamp: async () => undefined,
    });
    return { ...context, quota };
  };
}

/** One refusal ends a chain, as if every answer were meant. */
export const lapseOnOneAnswer: Alter = (context) => ({
  ...context,
  timing: { ...context.timing, refusalApartMs: 0, massRefusalMs: 0 },
});

/** The stated end of a refresh token ends its chain: it is not posted once more. */
export const lapseByTheClock: Alter = (context) => {
  const { ledger, clock } = context;
  return {
    ...context,
    ledger: {
      ...ledger,
      load: async (credential) => {
        const record = await ledger.load(credential);
        const endMs = record?.pair?.refreshTokenExpiresAtMs ?? Number.POSITIVE_INFINITY;
        if (!record?.pair || record.attempt || clock.nowMs() < endMs) return record;
        return { ...record, pair: { ...record.pair, sealedRefresh: undefined } };
      },
    },
  };
};

const decoder = new TextDecoder();

/** Every 2xx that looks like JSON or speaks of a token is kept as garbled, although no token can be in it. */
export const everythingIsGarbled: Classify = (answer, nowMs, request) => {
  const outcome = classifyAnswer(answer, nowMs, request);
  const text = decoder.decode(answer.body);
  const isSuccess = answer.status >= 200 && answer.status < 300;
  if (!isSuccess || outcome.kind !== 'unknown' || !/^\s*[[{"]|access_token/.test(text)) return outcome;
  return { kind: 'garbled', body: new Secret(text) };
};

/** What is kept is never published, although it is noted as if it were. */
export const publishNothing: Alter = (context) => {
  const { publication } = context;
  const silent: Pick<Publication, 'publish' | 'published' | 'createLanes'> = {
    publish: async () => undefined,
    published: (record) => publication.published(record),
    createLanes: (record) => publication.createLanes(record),
  };
  return { ...context, publication: silent as Publication };
};

/** Tokens are kept fresh and published, and no reader gets one. */
export function refuseEverybody(strategy: Strategy): Strategy {
  return {
    register: (credential, login) => strategy.register(credential, login),
    tick: () => strategy.tick(),
    relogin: (credential, login) => strategy.relogin(credential, login),
    readSecret: async () => undefined,
    readFunction: async () => undefined,
  };
}

/**
 * Not a mutant but the weather that shows one: every so often the ledger refuses what an answer brought for
 * longer than an attempt lasts.
 */
export function withLedgerThatRefusesPairs(everyMs: number, forMs: number): Alter {
  return (context) => {
    const { ledger, clock } = context;
    const refuses = () => clock.nowMs() % everyMs < forMs;
    const altered = withNewPairs(ledger, async (record) => {
      if (refuses()) throw new StoreUnavailableError('the ledger is away');
      await ledger.save(record);
    });
    return { ...context, ledger: altered };
  };
}

/** One alteration after the other. */
export function both(first: Alter, second: Alter): Alter {
  return (context, container) => second(first(context, container), container);
}

/** The ledger, with a save of its own for a record that brings a new pair. */
function withNewPairs(
  ledger: Ledger<CredentialRecord>,
  saveNew: (record: CredentialRecord) => Promise<void>,
): Ledger<CredentialRecord> {
  const generations = new Map<string, number>();
  return {
    ...ledger,
    load: async (credential) => {
      const record = await ledger.load(credential);
      if (record) generations.set(credential, record.generation);
      return record;
    },
    save: async (record) => {
      const { credential, generation } = record;
      const isNew = generation > (generations.get(credential) ?? generation);
      await (isNew ? saveNew(record) : ledger.save(record));
      generations.set(credential, generation);
    },
  };
}
