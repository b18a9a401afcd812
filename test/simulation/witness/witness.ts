import type { RenovaEvent } from '../../../shared/events/event-publisher.ts';
import type { StoreWitness } from '../containers/stores.ts';
import { type Grant, type IssuedPair, isLostUnavoidably, tokensIn } from '../provider/issued.ts';
import type { Provider } from '../provider/provider.ts';
import { DoorRecord, pairOf } from '../readers/door-record.ts';
import type { Timeline } from '../timeline.ts';
import { LapseWarnings } from './lapse-warnings.ts';

/** Where readers get tokens: out of the published secret, or from the read function. */
export type Door = 'secret' | 'function';

const MINUTE_MS = 60_000;
/** A refresh token that is taken for so long, while the provider can be reached, can be posted: the longest pause is 15 minutes. */
const ENOUGH_MS = 20 * MINUTE_MS;

/** What a door had when a read began. */
export interface BegunRead {
  readonly credential: string;
  readonly door: Door;
  /** The latest pair that everybody could see there. */
  readonly newest: number;
}

/** A chain that was given up, for those who look into a run. */
export interface Loss {
  readonly credential: string;
  readonly atMs: number;
  readonly last: IssuedPair;
  readonly unavoidable: boolean;
}

interface Watched {
  /** Until when the tokens that any door has live, by the provider's record; undefined before the first. */
  availableUntilMs?: number;
  expiredMs: number;
  /** Of `expiredMs`: until a person had logged in again. */
  expiredUntilLoginMs: number;
  /** The grant of the last token at a door. */
  grant?: Grant;
  /** The latest pair at each door. */
  readonly newest: Record<Door, number>;
  /** What its readers got there, once they read. */
  readonly given: Partial<Record<Door, DoorRecord>>;
}

/** What the witness must know of a run before it begins. */
export interface WitnessOptions {
  readonly provider: () => Provider;
  /** True for a credential whose access token is to live at any time. */
  readonly isFresh: (credential: string) => boolean;
}

/**
 * Sees what the provider issued, what landed in which store, what readers were given and what was told. All
 * figures are taken from here, none from what the strategy under test believes.
 */
export class Witness implements StoreWitness {
  readonly losses: Loss[] = [];
  deadTokensServed = 0;
  reads = 0;
  /** Tokens that died although their holder had been told to keep them until later. */
  heldTokensDied = 0;
  /** The longest that a reader waited from its first question to a living token … */
  longestWaitMs = 0;
  /** … and of those that asked while the provider would have taken more requests. */
  longestWaitWithRoomMs = 0;
  /** Tokens in what was logged or sent to the event bus. */
  tokensTold = 0;
  readonly warnings: LapseWarnings;
  readonly #timeline: Timeline;
  readonly #provider: () => Provider;
  readonly #isFresh: (credential: string) => boolean;
  /** Minutes in which the provider took no request. */
  readonly #awayMinutes: number[] = [];
  /** When everybody sees a pair that was put into the vault, by its index. */
  readonly #seenByAllAtMs = new Map<number, number>();
  readonly #watched = new Map<string, Watched>();
  #measuring = false;
  #startedAtMs = 0;

  constructor(timeline: Timeline, { provider, isFresh }: WitnessOptions) {
    this.#timeline = timeline;
    this.#provider = provider;
    this.#isFresh = isFresh;
    this.warnings = new LapseWarnings(timeline);
  }

  /** From now on expired time counts. */
  start(): void {
    this.#measuring = true;
    this.#startedAtMs = this.#timeline.nowMs;
    this.warnings.start();
  }

  /** The time that counts is over. */
  stop(): void {
    for (const watched of this.#watched.values()) {
      this.#countExpired(watched);
      for (const record of Object.values(watched.given)) record.stop();
    }
    this.#measuring = false;
    this.warnings.stop();
  }

  get expiredMs(): number {
    return [...this.#watched.values()].reduce((sum, { expiredMs }) => sum + expiredMs, 0);
  }

  /** {@link expiredMs} of each credential, in seconds. */
  get expiredSecondsOf(): ReadonlyMap<string, number> {
    return new Map([...this.#watched].map(([credential, { expiredMs }]) => [credential, expiredMs / 1000]));
  }

  /** Of {@link expiredMs}: after the loss of a chain, until the tokens of the next login. */
  get expiredUntilLoginMs(): number {
    return [...this.#watched.values()].reduce((sum, watched) => sum + watched.expiredUntilLoginMs, 0);
  }

  /** Seconds for which the readers of a door were given no token, or a dead one. */
  expiredSecondsAt(door: Door): number {
    const expiredMs = [...this.#watched.values()].reduce(
      (sum, { given }) => sum + (given[door]?.expiredMs ?? 0),
      0,
    );
    return Math.round(expiredMs / 1000);
  }

  /** Reads that got no token. */
  get refusedReads(): number {
    const records = [...this.#watched.values()].flatMap(({ given }) => Object.values(given));
    return records.reduce((sum, { refused }) => sum + refused, 0);
  }

  /** Once a minute: whether the provider takes requests. */
  lookAtProvider(): void {
    if (this.#provider().isAway()) this.#awayMinutes.push(this.#timeline.nowMs);
  }

  keptInLedger(current: string, aside: string): void {
    const { access, refresh } = tokensIn(current);
    for (const index of [...refresh, ...tokensIn(aside).refresh]) this.#stored(index);
    for (const index of access) this.#available(index, 'function');
  }

  keptInVault(secretName: string, text: string, seenByAllAtMs: number): void {
    const { access, refresh } = tokensIn(text);
    for (const index of refresh) this.#stored(index);
    if (secretName.endsWith('/rescue')) return;
    for (const index of access) {
      this.#countAvailable(index);
      const lastMs = Math.max(seenByAllAtMs, this.#seenByAllAtMs.get(index) ?? 0);
      this.#seenByAllAtMs.set(index, lastMs);
      this.#timeline.at(lastMs, () => this.#seenInVault(index));
    }
  }

  /** The event bus has accepted these. */
  accepted(events: readonly RenovaEvent[]): void {
    for (const event of events) {
      this.warnings.accepted(event);
      this.told(event);
    }
  }

  /** Somebody who may not know a token is told this, by a log line or an event. */
  told(what: object): void {
    const { access, refresh } = tokensIn(JSON.stringify(what));
    this.tokensTold += access.length + refresh.length;
  }

  beginRead(credential: string, door: Door): BegunRead {
    return { credential, door, newest: this.#of(credential).newest[door] };
  }

  /**
   * A reader was given this token, or none. Dead ones count, unless the door had nothing newer when the read began.
   * Returns true if it was given a living one.
   */
  handedOut(token: string | undefined, { credential, door, newest }: BegunRead): boolean {
    const { given } = this.#of(credential);
    given[door] ??= new DoorRecord(this.#timeline, this.#startedAtMs);
    const pair = pairOf(token, this.#provider().issued);
    const isAlive = this.#measuring ? given[door].given(pair) : pair !== undefined;
    if (token === undefined) return false;
    this.reads += 1;
    const { nowMs } = this.#timeline;
    const isExpired = !pair || nowMs >= pair.accessExpiresAtMs;
    const isReplaced = pair !== undefined && nowMs >= pair.accessDeadAtMs && newest > pair.index;
    if (isExpired || isReplaced) this.deadTokensServed += 1;
    return isAlive;
  }

  /** A reader has a living token, so long after it first asked for one. `hadRoom`: the provider took requests then. */
  waited(ms: number, hadRoom: boolean): void {
    if (!this.#measuring) return;
    this.longestWaitMs = Math.max(this.longestWaitMs, ms);
    if (hadRoom) this.longestWaitWithRoomMs = Math.max(this.longestWaitWithRoomMs, ms);
  }

  /** Since when no door has had an unexpired token; undefined when one has, or none ever had. */
  expiredSinceMs(credential: string): number | undefined {
    const { availableUntilMs } = this.#of(credential);
    return availableUntilMs === undefined ||
      !this.#isFresh(credential) ||
      availableUntilMs > this.#timeline.nowMs
      ? undefined
      : availableUntilMs;
  }

  /** True if the grant's live pair was issued after `atMs`, is unexpired, and is at a door. */
  isFreshSince(grant: Grant, atMs: number): boolean {
    const { live, credential } = grant;
    const { newest: at } = this.#of(credential);
    const newest = this.#isFresh(credential) ? at.secret : at.function;
    return live.issuedAtMs > atMs && newest >= live.index && this.expiredSinceMs(credential) === undefined;
  }

  /** A person has to log in again: the chain is lost. */
  givenUp({ credential, live }: Grant): void {
    const unavoidable = isLostUnavoidably(live, this.#wasStillTaken(live));
    this.losses.push({ credential, atMs: this.#timeline.nowMs, last: live, unavoidable });
  }

  /**
   * True if the provider would have taken the refresh token before the last one, which a store has, although it was
   * replaced: now, or for long enough to be asked.
   */
  #wasStillTaken({ parent, issuedAtMs }: IssuedPair): boolean {
    if (!parent || parent.storedAtMs === undefined || parent.grant.revoked) return false;
    if (this.#provider().takes(parent)) return true;
    const untilMs = this.#provider().takenUntilMs(parent);
    const awayMinutes = this.#awayMinutes.filter((atMs) => atMs >= issuedAtMs && atMs < untilMs).length;
    return untilMs - issuedAtMs - awayMinutes * MINUTE_MS >= ENOUGH_MS;
  }

  /** A pair that is put into two lanes is there when both can be seen. */
  #seenInVault(index: number): void {
    if (this.#timeline.nowMs < (this.#seenByAllAtMs.get(index) ?? 0)) return;
    this.#seenByAllAtMs.delete(index);
    this.#available(index, 'secret');
  }

  #stored(index: number): void {
    const pair = this.#provider().issued[index];
    if (!pair || pair.storedAtMs !== undefined) return;
    pair.storedAtMs = this.#timeline.nowMs;
    this.warnings.stored(pair);
  }

  #available(index: number, door: Door): void {
    const watched = this.#countAvailable(index);
    if (watched && watched.newest[door] < index) watched.newest[door] = index;
  }

  #countAvailable(index: number): Watched | undefined {
    const pair = this.#provider().issued[index];
    const watched = pair && this.#of(pair.grant.credential);
    if (!watched || Math.max(watched.newest.secret, watched.newest.function) >= index) return watched;
    this.#countExpired(watched, pair.grant);
    watched.grant = pair.grant;
    watched.availableUntilMs = Math.max(watched.availableUntilMs ?? 0, pair.accessExpiresAtMs);
    return watched;
  }

  #countExpired(watched: Watched, next = this.#provider().grants.get(watched.grant?.credential ?? '')): void {
    const { nowMs } = this.#timeline;
    const { availableUntilMs, grant } = watched;
    if (!this.#measuring || availableUntilMs === undefined || !this.#isFresh(grant?.credential ?? '')) return;
    const expiredMs = Math.max(0, nowMs - availableUntilMs);
    watched.expiredMs += expiredMs;
    if (next !== watched.grant) watched.expiredUntilLoginMs += expiredMs;
  }

  #of(credential: string): Watched {
    const found = this.#watched.get(credential);
    if (found) return found;
    const watched: Watched = {
      expiredMs: 0,
      expiredUntilLoginMs: 0,
      newest: { secret: -1, function: -1 },
      given: {},
    };
    this.#watched.set(credential, watched);
    return watched;
  }
}
