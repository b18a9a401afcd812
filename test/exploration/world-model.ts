import type { RefreshContext } from '../../shared/refresh/context.ts';
import type { Container } from '../crash/container.ts';
import type { ProtocolWorld } from '../crash/protocol-world.ts';
import type { Fault } from './faults.ts';
import type { Beginning, SmallWorld } from './small-world.ts';
import type { Stores } from './stores.ts';

/** Somebody who does one thing, in a container of its own. */
export interface Party {
  readonly name: string;
  /** How far the clock of its container is off. */
  readonly skewMs?: number;
  /** What it can write in all: names of resources, of which `ledger *` is any record. */
  readonly writes: readonly string[];
  /** It may replace a token before `refresh_after`. */
  readonly breaksPromise?: true;
  act(container: Container): Promise<unknown>;
  /** Looks at what it was given, at the moment when it was given. Throws what is wrong. */
  check?(result: unknown, at: Moment): void;
}

/** What a party's answer is judged by. */
export interface Moment {
  readonly stores: Stores;
  readonly nowMs: number;
  /** A call was struck before. */
  readonly isStruck: boolean;
}

/** A world small enough to go through all of its orders. */
export interface WorldModel {
  readonly name: string;
  /** In plain words, for the table. */
  readonly about: string;
  prepare(): Promise<Beginning>;
  readonly parties: readonly Party[];
  /** How many moments may pass within calls in one order with a fault (default: all there are). */
  readonly moments?: number;
  /** Too large to be gone through with each fault to its end: as far as a budget of time goes. */
  readonly isWide?: true;
  /** Its parties differ in nothing but their names. */
  readonly areAlike?: true;
  /** The credentials that are watched, each with the grants of its refresh tokens (default: the one, with all). */
  readonly watched?: readonly Watched[];
  /** How a chain may stand in the end, other than `active`. */
  readonly endStates?: readonly ProtocolWorld['record']['state'][];
  /** The client that is registered in it, which may have to be given again where that was cut off. */
  readonly client?: object;
  /** What else must hold at the end of every order. */
  check?(world: SmallWorld): void | Promise<void>;
}

export interface Watched {
  readonly credential: string;
  readonly grants: readonly string[];
}

/** Takes a part of the protocol away: a mutant. */
export type Alter = (context: RefreshContext, container: Container) => RefreshContext;

/** How a world is gone through. */
export interface Rules {
  /** How many calls may be struck in one order. */
  readonly faults: number;
  /** How many moments may pass in one order while calls are under way (default: all there are). */
  readonly moments?: number | undefined;
  /** Which can happen (default: all). */
  readonly kinds?: readonly Fault[] | undefined;
  readonly alter?: Alter | undefined;
  /** False: calls that cannot influence each other are tried in both orders. */
  readonly reduces?: boolean;
  /** False: places that differ in when a party was told what it knows are told apart. */
  readonly forgets?: boolean;
  /** False: of parties that are alike, each is struck first. */
  readonly mirrors?: boolean;
}
