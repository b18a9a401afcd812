import type { ContainerWorld } from '../containers/container.ts';
import type { Stores } from '../containers/stores.ts';
import type { Dice } from '../dice.ts';
import type { Faults } from '../faults/faults.ts';
import type { Populations } from '../population.ts';
import type { Provider } from '../provider/provider.ts';
import type { Classify } from '../provider/token-post.ts';
import type { Witness } from '../witness/witness.ts';

/** All that a strategy is put into. */
export interface World extends ContainerWorld {
  readonly dice: Dice;
  readonly faults: Faults;
  readonly provider: Provider;
  readonly stores: Stores;
  readonly witness: Witness;
  readonly environment: 'hml' | 'prd';
  readonly populations: Populations;
  /** What clients make of an answer, when it is not the real thing. */
  readonly classify?: Classify;
}

/** What a reader got: a token, and what it was told about it. */
export interface Reading {
  readonly accessToken: string;
  readonly generation: number;
  /** Until then the token may be held without asking again. */
  readonly holdUntilMs: number;
}

/** A refresh token that a person got. */
export interface Login {
  readonly refreshToken: string;
  /** Since when it lives, where the person knows it. */
  readonly issuedAtMs?: number;
}

/** A way to keep tokens fresh. */
export interface Strategy {
  /** Puts a credential in, with a refresh token that a person got. Before the faults begin. */
  register(credential: string, login: Login): Promise<void>;
  /** One delivery of the schedule. */
  tick(): Promise<void>;
  /** A person has logged in again. Rejects when that could not be stored: it is tried again. */
  relogin(credential: string, login: Login): Promise<void>;
  /**
   * Reads the published secret; undefined when there is no token that looks alive. `wasRefused`: the provider answered
   * 401 to the last one.
   */
  readSecret(
    credential: string,
    clock: { nowMs(): number },
    wasRefused?: boolean,
  ): Promise<Reading | undefined>;
  /** Asks the read function; undefined when it has nothing. `refused`: the provider answered 401 to it. */
  readFunction?(credential: string, refused?: number): Promise<Reading | undefined>;
}
