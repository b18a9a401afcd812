import type { RefreshContext } from '../../shared/refresh/context.ts';
import type { Container } from '../crash/container.ts';
import type { ProtocolWorld } from '../crash/protocol-world.ts';
import type { Beginning, SmallWorld } from './small-world.ts';

/** Somebody who does one thing, in a container of its own. */
export interface Party {
  readonly name: string;
  /** How far the clock of its container is off. */
  readonly skewMs?: number;
  /** What it can write in all: names of resources, of which `ledger *` is any record. */
  readonly writes: readonly string[];
  /** It may replace a token before `refresh_after`. */
  readonly breaksPromise?: true;
  act(container: Container, world: SmallWorld): Promise<unknown>;
}

/** A world small enough to go through all of its orders. */
export interface WorldModel {
  readonly name: string;
  /** In plain words, for the table. */
  readonly about: string;
  prepare(): Promise<Beginning>;
  readonly parties: readonly Party[];
  /** Once, at any moment, this much time passes while calls are under way: what is about to end, ends. */
  readonly passing?: { readonly ms: number; readonly what: string };
  /** How a chain may stand in the end, other than `active`. */
  readonly endStates?: readonly ProtocolWorld['record']['state'][];
  /** What else must hold at the end of every order. */
  check?(world: SmallWorld): void | Promise<void>;
}

/** Takes a part of the protocol away: a mutant. */
export type Alter = (context: RefreshContext, container: Container) => RefreshContext;
