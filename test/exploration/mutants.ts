import {
  lapseOnOneAnswer,
  publishBeforeKeep,
  publishNothing,
  withoutBegin,
  withoutLease,
} from '../simulation/mutants.ts';
import { overriding } from '../support/overriding.ts';
import type { Fault } from './faults.ts';
import type { Alter } from './world-model.ts';

/** Renova with a part of its protocol taken away, and the smallest world that convicts it. */
export interface Mutant {
  readonly name: string;
  readonly world: string;
  readonly faults: number;
  readonly kinds?: readonly Fault[];
  readonly alter: Alter;
  /** What it is convicted of. */
  readonly of: RegExp;
}

const ofSimulation =
  (alter: (context: Parameters<Alter>[0], container: never) => Parameters<Alter>[0]): Alter =>
  (context) =>
    alter(context, undefined as never);

/** A write in the ledger does not look at what is there: the last one wins. */
const blindSave: Alter = (context) => {
  const { ledger } = context;
  const save: typeof ledger.save = async (record) => {
    const now = await ledger.load(record.credential);
    await ledger.save({ ...record, revision: (now?.revision ?? 0) + 1 });
  };
  return { ...context, ledger: { ...ledger, save } };
};

/** Who loses the race for an attempt keeps its permit. */
const keptPermit: Alter = (context) => ({
  ...context,
  quota: overriding(context.quota, { release: async () => undefined }),
});

/** Every request is allowed. */
const freePermits: Alter = (context) => ({
  ...context,
  quota: overriding(context.quota, {
    acquire: async (limit) => ({ permit: { id: context.random.id(), quota: limit } }),
    settle: async () => undefined,
    release: async () => undefined,
  }),
});

/** After a 429 nobody waits, neither for its `Retry-After` nor for a back-off. */
const deaf: Alter = (context) => ({
  ...context,
  timing: { ...context.timing, throttleMaxMs: 0, backoffMaxMs: 0 },
});

/** A pair that the ledger does not take at once is given up. */
const oneTry: Alter = (context) => {
  const { ledger } = context;
  const save: typeof ledger.save = async (record) => {
    const before = await ledger.load(record.credential);
    if (before && record.generation === before.generation + 1 && before.attempt)
      await ledger.save(record).catch(() => undefined);
    else await ledger.save(record);
  };
  return { ...context, ledger: { ...ledger, save } };
};

export const MUTANTS: readonly Mutant[] = [
  { name: 'without-begin', world: 'two-ticks', faults: 0, alter: ofSimulation(withoutBegin), of: /^I1 / },
  { name: 'without-lease', world: 'two-ticks', faults: 0, alter: ofSimulation(withoutLease), of: /^I1 / },
  { name: 'blind-save', world: 'two-ticks', faults: 0, alter: blindSave, of: /^(generations|I2) / },
  { name: 'kept-permit', world: 'two-ticks', faults: 0, alter: keptPermit, of: /^permits/ },
  { name: 'free-permits', world: 'one-permit', faults: 0, alter: freePermits, of: /^I5 / },
  {
    name: 'publish-nothing',
    world: 'tick-and-resume',
    faults: 0,
    alter: ofSimulation(publishNothing),
    of: /^rest: the lanes/,
  },
  {
    name: 'publish-before-keep',
    world: 'tick-and-resume',
    faults: 1,
    alter: ofSimulation(publishBeforeKeep),
    of: /^(I3|rest:) /,
  },
  { name: 'one-try', world: 'tick-and-resume', faults: 1, alter: oneTry, of: /^I[34] / },
  {
    name: 'lapse-on-one-answer',
    world: 'tick-and-resume',
    faults: 1,
    alter: ofSimulation(lapseOnOneAnswer),
    of: /^I8 /,
  },
  { name: 'deaf', world: 'two-ticks', faults: 1, kinds: ['throttle'], alter: deaf, of: /^429: / },
];
