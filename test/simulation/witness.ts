import type { RenovaEvent } from '../../shared/events/event-publisher.ts';
import { type Grant, type IssuedPair, indexOf, isLostUnavoidably, tokensIn } from './issued.ts';
import { LapseWarnings } from './lapse-warnings.ts';
import type { Provider } from './provider.ts';
import type { StoreWitness } from './stores.ts';
import type { Timeline } from './timeline.ts';

/** Where readers get tokens: out of the published secret, or from the read function. */
export type Door = 'secret' | 'function';

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
  /** Tokens in what was logged or sent to the event bus. */
  tokensTold = 0;
  readonly warnings: LapseWarnings;
  readonly #timeline: Timeline;
  readonly #provider: () => Provider;
  readonly #watched = new Map<string, Watched>();
  #measuring = false;

  constructor(timeline: Timeline, provider: () => Provider) {
    this.#timeline = timeline;
    this.#provider = provider;
    this.warnings = new LapseWarnings(timeline);
  }

  /** From now on expired time counts. */
  start(): void {
    this.#measuring = true;
    this.warnings.start();
  }

  /** The time that counts is over. */
  stop(): void {
    for (const watched of this.#watched.values()) this.#countExpired(watched);
    this.#measuring = false;
    this.warnings.stop();
  }

  get expiredMs(): number {
    return [...this.#watched.values()].reduce((sum, { expiredMs }) => sum + expiredMs, 0);
  }

  /** Of {@link expiredMs}: after the loss of a chain, until the tokens of the next login. */
  get expiredUntilLoginMs(): number {
    return [...this.#watched.values()].reduce((sum, watched) => sum + watched.expiredUntilLoginMs, 0);
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
      this.#timeline.at(seenByAllAtMs, () => this.#available(index, 'secret'));
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

  /** A reader was given this token. Dead ones count, unless the door had nothing newer when the read began. */
  handedOut(token: string, { newest }: BegunRead): void {
    this.reads += 1;
    const pair = this.#provider().issued[indexOf(token)];
    const { nowMs } = this.#timeline;
    const isExpired = !pair || nowMs >= pair.accessExpiresAtMs;
    const isReplaced = pair !== undefined && nowMs >= pair.accessDeadAtMs && newest > pair.index;
    if (isExpired || isReplaced) this.deadTokensServed += 1;
  }

  /** Since when no door has had an unexpired token; undefined when one has, or none ever had. */
  expiredSinceMs(credential: string): number | undefined {
    const { availableUntilMs } = this.#of(credential);
    return availableUntilMs === undefined || availableUntilMs > this.#timeline.nowMs
      ? undefined
      : availableUntilMs;
  }

  /** True if the grant's live pair was issued after `atMs`, is unexpired, and is at a door. */
  isFreshSince(grant: Grant, atMs: number): boolean {
    const { live, credential } = grant;
    const newest = this.#of(credential).newest.secret;
    return live.issuedAtMs > atMs && newest >= live.index && this.expiredSinceMs(credential) === undefined;
  }

  /** A person has to log in again: the chain is lost. */
  givenUp({ credential, live }: Grant): void {
    const unavoidable = isLostUnavoidably(live);
    this.losses.push({ credential, atMs: this.#timeline.nowMs, last: live, unavoidable });
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
    if (!this.#measuring || watched.availableUntilMs === undefined) return;
    const expiredMs = Math.max(0, nowMs - watched.availableUntilMs);
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
    };
    this.#watched.set(credential, watched);
    return watched;
  }
}
