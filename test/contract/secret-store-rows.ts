import { test } from 'node:test';
import type { SecretStore } from '../../shared/secret-store/secret-store.ts';

export interface StoreUnderTest {
  readonly store: SecretStore;
  /** Lets the store's own time pass. Absent: it cannot be made to, and the rows that need it are skipped. */
  readonly advance?: (ms: number) => Promise<void>;
}

/** A rule that an emulator may lack; the rows about it are skipped there, and say so. */
export type Rule = 'version quota' | 'scheduled deletion' | 'passing time' | 'limit of size';

export interface ContractOptions {
  /** Rules that the store behind the adapter does not imitate. */
  readonly lacks?: readonly Rule[];
  readonly skip?: string | false;
}

/** Declares one row of the contract, which needs the rules it names. */
export type Row = (name: string, run: (under: StoreUnderTest) => Promise<void>, ...needs: Rule[]) => void;

/** Rows for one adapter, each on what `open` gives. */
export function rowsFor(adapter: string, open: () => StoreUnderTest, lacks: readonly Rule[] = []): Row {
  return (name, run, ...needs) => {
    const missing = needs.filter((rule) => lacks.includes(rule));
    if (missing.length === 0) test(name, () => run(open()));
    else test(name, { skip: `SKIPPED: ${adapter} has no ${missing.join(', no ')}` });
  };
}
