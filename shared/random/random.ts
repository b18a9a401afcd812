import { randomUUID } from 'node:crypto';

/** The only source of randomness outside of cryptography: ids, and jitter. */
export interface Random {
  /** A new id, unique among all machines. */
  id(): string;
  /** A number from 0 (inclusive) to 1 (exclusive). */
  fraction(): number;
}

/** The machine's own. */
export const systemRandom: Random = { id: () => randomUUID(), fraction: () => Math.random() };
