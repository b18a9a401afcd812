import type { Mode } from '../../shared/credential/settings.ts';
import { createWorld } from './create-world.ts';
import { Dice } from './dice.ts';
import type { FaultKindName } from './faults/fault-kinds.ts';
import type { Faults } from './faults/faults.ts';
import type { Figures } from './figures.ts';
import type { Population } from './population.ts';
import type { IssuedPair } from './provider/issued.ts';
import type { Classify } from './provider/token-post.ts';
import { startReaders } from './readers/readers.ts';
import { NaiveStrategy } from './strategies/naive.ts';
import { Operator } from './strategies/operator.ts';
import { type Alter, RenovaStrategy, type Reserved } from './strategies/renova.ts';
import type { Strategy, World } from './strategies/strategy.ts';
import { Timeline } from './timeline.ts';
import type { Loss } from './witness/witness.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** An operator registers one credential after the other, no faster than their quota gives first tokens … */
const REGISTRATION_PAUSE_MS = 6000;
/** … and the time that counts begins when they have found their rhythm. */
const SETTLING_MS_EACH = 1.5 * MINUTE_MS;
const RENEWAL_TAKES_MS = 20 * MINUTE_MS;
const LONGEST_SETTLING_MS = 2 * HOUR_MS;
const WINDOWS_TO_SETTLE = 3;
const NO_QUOTA = { limit: 1, windowMs: 0 };
/** After the time that counts: without faults, so that what is in doubt shows. */
const AFTERWARDS_MS = 2 * HOUR_MS;
/** … and no longer than a chain on demand lives. */
const LONGEST_AFTERWARDS_MS = 2 * DAY_MS;

export type FaultLevel = 'none' | 'single' | 'storm';
/** A level, or some kinds by their names. */
export type FaultChoice = FaultLevel | readonly FaultKindName[];

/** Faults of a test's own. */
export type MakeFaults = (timeline: Timeline) => Faults;

export interface SimulationOptions {
  readonly strategy: 'renova' | 'naive';
  readonly days: number;
  readonly credentials: number;
  readonly env: 'hml' | 'prd';
  readonly seed: number;
  readonly faults: FaultChoice | MakeFaults;
  /** Other populations than `credentials` of BS2. */
  readonly mix?: readonly Population[];
  /** Changes the code under test: for the proof that the simulation finds what is missing. */
  readonly alter?: Alter;
  /** Invocations at a time other than the stack's. */
  readonly reserved?: Reserved;
  readonly alterStrategy?: (strategy: Strategy) => Strategy;
  readonly classify?: Classify;
}

export interface Simulated {
  readonly figures: Figures;
  /** What the figures of the contract leave out. */
  readonly details: {
    readonly reads: number;
    /** Tokens that died although their holder had been told to keep them until later. */
    readonly heldTokensDied: number;
    /** The longest that a reader waited from its first question to a living token … */
    readonly longestWaitMs: number;
    /** … and of those that asked while the provider would have taken more requests. */
    readonly longestWaitWithRoomMs: number;
    /** Of the throttled requests: those that were too many, the others being faults of the provider. */
    readonly beyondLimit: number;
    /** The expired seconds by credential. */
    readonly expiredSecondsOf: ReadonlyMap<string, number>;
    /** Of the expired seconds: those between the loss of a chain and the tokens of the next login. */
    readonly expiredUntilLoginSeconds: number;
    /** Tokens in log lines and events: none may be. */
    readonly tokensTold: number;
    readonly losses: readonly Loss[];
    readonly events: number;
    readonly faultDescription: readonly string[];
  };
}

/** Runs one seed from registration to the end. The same options give the same figures, always. */
export async function simulate(options: SimulationOptions): Promise<Simulated> {
  const { strategy: name, days, seed } = options;
  const dice = new Dice(seed);
  // Any time of the day: where slots and minutes turn must not matter.
  const timeline = new Timeline(Date.UTC(2026, 0, 1) + dice.between(0, DAY_MS));
  const world = createWorld(options, timeline, dice);
  const { provider, witness, faults, stores } = world;
  const strategy = createStrategy(world, options);
  const operator = new Operator(world, strategy);
  const { ids } = world.populations;

  startTicks(world, strategy);
  await registerAll(world, strategy);
  await timeline.run(timeline.nowMs + settlingMs(world));
  const { rotations, requests, throttled } = provider;
  const endMs = timeline.nowMs + days * DAY_MS;
  for (const id of ids) startReaders(world, strategy, id);
  operator.start(ids);
  faults.start();
  witness.start();
  await timeline.run(endMs);
  witness.stop();
  const figures = {
    strategy: name,
    days,
    credentials: ids.length,
    seed,
    refreshes: provider.rotations - rotations,
    provider_requests: provider.requests - requests,
    throttled: provider.throttled - throttled,
    busiest_window: provider.busiestWindow,
    expired_seconds: Math.round(witness.expiredMs / 1000),
    expired_seconds_secrets: witness.expiredSecondsAt('secret'),
    expired_seconds_read: witness.expiredSecondsAt('function'),
    refused_reads: witness.refusedReads,
    dead_tokens_served: witness.deadTokensServed,
    version_quota_refusals: stores.versionQuotaRefusals,
    peak_versions_per_secret: stores.peakVersions,
    max_lapse_warning_delay_seconds: Math.round(witness.warnings.maxDelayMs / 1000),
  };
  const { reads, heldTokensDied, expiredSecondsOf, longestWaitMs, longestWaitWithRoomMs } = witness;
  await settle(world, ids);
  const { losses } = witness;
  const unavoidable = losses.filter((loss) => loss.unavoidable).length;
  const { version_quota_refusals, peak_versions_per_secret, max_lapse_warning_delay_seconds, ...others } =
    figures;
  return {
    figures: {
      ...others,
      chains_lost: losses.length,
      chains_lost_unavoidably: unavoidable,
      version_quota_refusals,
      peak_versions_per_secret,
      max_lapse_warning_delay_seconds,
    },
    details: {
      reads,
      heldTokensDied,
      expiredSecondsOf,
      longestWaitMs,
      longestWaitWithRoomMs,
      beyondLimit: provider.beyondLimit,
      expiredUntilLoginSeconds: Math.round(witness.expiredUntilLoginMs / 1000),
      tokensTold: witness.tokensTold,
      losses,
      events: timeline.events,
      faultDescription: faults.description,
    },
  };
}

function createStrategy(world: World, options: SimulationOptions): Strategy {
  const strategy =
    options.strategy === 'naive' ? new NaiveStrategy(world) : new RenovaStrategy(world, options);
  return options.alterStrategy?.(strategy) ?? strategy;
}

/** How long it takes until they have found their rhythm: what was taken of a long window together comes back together. */
function settlingMs({ populations }: World): number {
  const quotas = populations.ids.map((id) => populations.of(id).quota ?? NO_QUOTA);
  const eachMs = quotas.map(({ limit, windowMs }) => Math.max(SETTLING_MS_EACH, windowMs / limit));
  const longestMs = Math.max(...quotas.map(({ windowMs }) => WINDOWS_TO_SETTLE * windowMs));
  return Math.max(longestMs, Math.min(sum(eachMs), LONGEST_SETTLING_MS));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

async function registerAll(world: World, strategy: Strategy): Promise<void> {
  const { timeline, provider, populations } = world;
  let done = false;
  const registering = (async () => {
    for (const id of populations.ids) {
      await strategy.register(id, provider.login(id));
      const { limit, windowMs } = populations.of(id).quota ?? NO_QUOTA;
      await timeline.pause(Math.max(REGISTRATION_PAUSE_MS, windowMs / limit));
    }
    done = true;
  })();
  await timeline.run(Number.POSITIVE_INFINITY, () => done);
  await registering;
}

/** The schedule: a tick a minute, delivered at least once or not at all; older than a minute it is dropped. */
function startTicks(world: World, strategy: Strategy): void {
  const { timeline, faults } = world;
  const deliver = () => void strategy.tick().catch(() => undefined);
  const next = () => {
    const { lost, lateMs, againAfterMs } = faults.atTick();
    if (!lost) timeline.after(lateMs, deliver);
    const againMs = againAfterMs === undefined ? Number.POSITIVE_INFINITY : lateMs + againAfterMs;
    if (!lost && againMs <= MINUTE_MS) timeline.after(againMs, deliver);
    timeline.after(MINUTE_MS, next);
  };
  next();
}

/** Until when nobody need have renewed a pair: half of its life, and some time for it. */
function renewalByMs(
  { issuedAtMs, accessExpiresAtMs, refreshExpiresAtMs, exchange }: IssuedPair,
  mode: Mode,
): number {
  // What a person has handed over is used at once.
  if (!exchange) return issuedAtMs;
  const endMs = mode === 'fresh' ? Math.min(accessExpiresAtMs, refreshExpiresAtMs) : refreshExpiresAtMs;
  return issuedAtMs + (endMs - issuedAtMs) / 2 + RENEWAL_TAKES_MS;
}

/** Lets time pass without faults until every chain has either gone on or been given up. */
async function settle(world: World, ids: readonly string[]): Promise<void> {
  const { timeline, provider, witness, faults, populations } = world;
  const calmFromMs = timeline.nowMs;
  faults.stop();
  const isSettled = (id: string) => {
    const { live } = provider.grants.get(id) ?? {};
    if (live?.storedAtMs === undefined) return false;
    return live.issuedAtMs > calmFromMs || timeline.nowMs < renewalByMs(live, populations.of(id).mode);
  };
  // A chain on demand that is late where permits are scarce is looked at until it goes on or ends.
  const isLate = (id: string) => {
    const { live } = provider.grants.get(id) ?? {};
    const mayGoOn = live?.storedAtMs !== undefined && timeline.nowMs < live.refreshExpiresAtMs;
    return mayGoOn && populations.of(id).mode === 'on-demand' && !isSettled(id);
  };
  while (
    (timeline.nowMs < calmFromMs + AFTERWARDS_MS && !ids.every(isSettled)) ||
    (timeline.nowMs < calmFromMs + LONGEST_AFTERWARDS_MS && ids.some(isLate))
  ) {
    await timeline.run(timeline.nowMs + MINUTE_MS);
  }
  // What has neither gone on nor been given up by now is lost: nothing will happen to it any more.
  for (const id of ids) {
    const grant = provider.grants.get(id);
    // A login that has not been stored yet is of a chain that was given up before.
    const isBegun = grant?.live.exchange !== undefined || grant?.live.storedAtMs !== undefined;
    if (grant && isBegun && !isSettled(id)) witness.givenUp(grant);
  }
}
