import type { Quota } from '../../shared/quota/quota.ts';
import { publishBeforeKeep, withoutBegin, withoutLease } from '../simulation/mutants.ts';
import type { Alter } from './world-model.ts';

/** Renova with a part of its protocol taken away, and the smallest world that convicts it. */
export interface Mutant {
  readonly name: string;
  readonly world: string;
  readonly faults: number;
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
const keptPermit: Alter = (context) => {
  const { quota } = context;
  const altered: Pick<Quota, 'acquire' | 'settle' | 'release' | 'close' | 'reserve' | 'occupied'> = {
    acquire: (...args) => quota.acquire(...args),
    settle: (...args) => quota.settle(...args),
    release: async () => undefined,
    close: (...args) => quota.close(...args),
    reserve: (...args) => quota.reserve(...args),
    occupied: (...args) => quota.occupied(...args),
  };
  return { ...context, quota: altered as Quota };
};

export const MUTANTS: readonly Mutant[] = [
  { name: 'without-begin', world: 'two-ticks', faults: 0, alter: ofSimulation(withoutBegin), of: /^I[12] / },
  { name: 'without-lease', world: 'two-ticks', faults: 0, alter: ofSimulation(withoutLease), of: /^I[12] / },
  {
    name: 'publish-before-keep',
    world: 'two-ticks',
    faults: 1,
    alter: ofSimulation(publishBeforeKeep),
    of: /./,
  },
  { name: 'blind-save', world: 'two-ticks', faults: 0, alter: blindSave, of: /./ },
  { name: 'kept-permit', world: 'two-ticks', faults: 0, alter: keptPermit, of: /^permits/ },
];
