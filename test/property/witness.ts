import assert from 'node:assert/strict';
import type { Clock } from '../../shared/clock/clock.ts';
import type { CredentialRecord, SealedPair } from '../../shared/credential/credential.ts';
import type { Container } from '../crash/container.ts';
import { CONSISTENT_MS } from '../crash/container-ports.ts';
import type { PortCall } from '../crash/port-calls.ts';
import type { ProtocolWorld } from '../crash/protocol-world.ts';
import { CREDENTIAL, type Watcher } from '../crash/surroundings.ts';
import { transitionName } from '../crash/transition-name.ts';
import type { Post } from '../crash/watched-endpoint.ts';

/** An invariant of docs/protocol.md, or one of the rules that it rests on. */
export type Invariant = 'I1' | 'I2' | 'I3' | 'I5' | 'I6' | 'I7' | 'I8' | 'generations';

interface LastWrite {
  readonly call: Pick<PortCall, 'port' | 'operation' | 'name'>;
  readonly side: string;
}

/** All that a {@link Witness} remembers of what has passed. */
export interface WitnessMemory {
  readonly lost: readonly string[];
  readonly stored: readonly string[];
  readonly arrivals: readonly number[];
  readonly last: readonly (readonly [container: string, write: LastWrite])[];
}

/** A rule was broken; which, and when (ms since the story's start). */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** What a {@link Witness} looks at. */
export interface WitnessedWorld
  extends Pick<ProtocolWorld, 'record' | 'timing' | 'posts' | 'replaced' | 'names' | 'sealed'> {
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
  readonly provider: Pick<ProtocolWorld['provider'], 'issued'>;
  readonly events: Pick<ProtocolWorld['events'], 'accepted'>;
  readonly containers: readonly (Pick<Container, 'name' | 'endsAtMs' | 'isDead' | 'isFree'> & {
    readonly context: Pick<Container['context'], 'unstored'>;
  })[];
}

/**
 * Watches everything that happens in one world and keeps a record of its own for each invariant. Watching never
 * throws into the code under test: what was broken is in {@link Witness.violations}.
 */
export class Witness implements Watcher {
  /** The credential that is watched. */
  readonly #credential: string;
  violations: Violation[] = [];
  /** How often each invariant was looked at: a check that never ran proves nothing. */
  readonly looked = new Map<Invariant, number>();
  /** Refresh tokens whose pair no design could save. */
  lost = new Set<string>();
  #world: WitnessedWorld | undefined;
  /** I1: the last write of each container to the watched record: answered, failed or under way. */
  #last = new Map<string, LastWrite>();
  /** I3: refresh tokens that were in a store at some time. */
  #stored = new Set<string>();
  /** I5: when requests arrived (monotonic). */
  #arrivals: number[] = [];

  constructor(credential = CREDENTIAL) {
    this.#credential = credential;
  }

  watch(world: WitnessedWorld): void {
    this.#world = world;
  }

  /** What it remembers: to be taken up again by {@link Witness.recall}. */
  get memory(): WitnessMemory {
    return {
      lost: [...this.lost],
      stored: [...this.#stored],
      arrivals: [...this.#arrivals],
      last: [...this.#last],
    };
  }

  /** Goes on from what it remembered at some moment, with nothing broken. */
  recall({ lost, stored, arrivals, last }: WitnessMemory): void {
    this.lost = new Set(lost);
    this.#stored = new Set(stored);
    this.#arrivals = [...arrivals];
    this.#last = new Map(last);
    this.violations = [];
  }

  onCall(call: PortCall, side: 'sent' | 'answered' | 'failed'): void {
    if (call.operation === 'save' && call.key === this.#credential)
      this.#last.set(call.container, { call, side });
  }

  onSent(post: Post): void {
    this.#check('I1', () => this.#begunJustNow(post));
    this.#check('I2', () => this.#aloneAndQuiet(post));
  }

  onArrival(): void {
    this.#check('I5', () => this.#withinQuota());
  }

  onSave(before: CredentialRecord | undefined, after: CredentialRecord): void {
    this.#check('generations', () => onlyGrows(before, after));
    if (!before || transitionName(before, after) !== 'lapse') return;
    this.#check('I6', () => this.#nothingLeft(before, after));
    this.#check('I8', () => this.#refusedTwice(before, after));
  }

  onLog(line: string): void {
    this.#check('I7', () => assert.doesNotMatch(line, /fake-/, 'a secret in a log line'));
  }

  /** Looks at what is to be seen at any time: after each step. */
  look(): void {
    this.#check('I3', () => this.#nothingThrownAway());
    const { events } = this.#now();
    const last = events.accepted.at(-1);
    if (last)
      this.#check('I7', () => assert.doesNotMatch(JSON.stringify(last), /fake-/, 'a secret in an event'));
  }

  /** What was asked for ended in an error that nobody may see. */
  broke(error: unknown): void {
    this.violations.push(
      new Violation(error instanceof Error ? (error.stack ?? error.message) : String(error)),
    );
  }

  #check(invariant: Invariant, look: () => void): void {
    this.looked.set(invariant, (this.looked.get(invariant) ?? 0) + 1);
    try {
      look();
    } catch (error) {
      const atMs = this.#now().clock.monotonicMs();
      const said = error instanceof Error ? error.message : String(error);
      this.violations.push(new Violation(`${invariant} at ${atMs} ms: ${said}`));
    }
  }

  #begunJustNow(post: Post): void {
    const { record, timing, clock } = this.#now();
    const { call, side } = this.#last.get(post.container) ?? {};
    // A begin that took effect and whose answer was lost, more than once perhaps: it was read back.
    const wasReadBack = side === 'failed' && record.attempt?.purpose === 'refresh';
    if (!wasReadBack) {
      assert.deepEqual(
        [call?.port, call?.operation, call?.name, side],
        ['ledger', 'save', 'begin refresh', 'answered'],
        'the last write before a post is the begin, and it was accepted',
      );
    }
    const left = this.#container(post.container).endsAtMs - clock.monotonicMs();
    assert.ok(left >= timing.publishByMs - timing.sendByMs, `only ${left} ms are left of the invocation`);
    const isCurrent = this.#tokenOf(record.pair) === post.token;
    if (!isCurrent || record.state === 'removed') return;
    assert.equal(record.attempt?.purpose, 'refresh', 'the ledger has an attempt for what is posted');
    assert.ok(clock.nowMs() < (record.attempt?.leaseUntilMs ?? 0), 'within its lease');
  }

  #aloneAndQuiet(post: Post): void {
    const { posts, timing, clock, provider, replaced, names } = this.#now();
    for (const earlier of posts.filter(({ token }) => token === post.token)) {
      // A 429 has spent nothing, and says so.
      if (earlier.outcome === 'throttled') continue;
      const endedAtMs = Math.min(earlier.endedAtMs ?? Number.POSITIVE_INFINITY, earlier.answerByMs);
      const freeAtMs = endedAtMs + timing.providerQuietMs;
      assert.ok(
        clock.monotonicMs() >= freeAtMs,
        `posted again ${freeAtMs - clock.monotonicMs()} ms too early`,
      );
    }
    const next = [...provider.issued.values()].find(({ parent }) => parent === post.token);
    if (!next) return;
    const rescuedAtMs = replaced.get(names.rescue(this.#credential))?.atMs ?? 0;
    const isVisible = clock.monotonicMs() - rescuedAtMs > CONSISTENT_MS;
    assert.ok(!isVisible || this.#rescued() !== next.token, 'spent, and what it was spent for is rescued');
  }

  #withinQuota(): void {
    const { clock, record } = this.#now();
    const nowMs = clock.monotonicMs();
    this.#arrivals.push(nowMs);
    const { limit = 0, windowMs = 0 } = record.quota ?? {};
    const inWindow = this.#arrivals.filter((atMs) => atMs > nowMs - windowMs).length;
    assert.ok(inWindow <= limit, `${inWindow} requests in a window that allows ${limit}`);
  }

  #nothingLeft(before: CredentialRecord, after: CredentialRecord): void {
    const { provider, replaced, names, clock } = this.#now();
    if (after.lapse?.reason !== 'grant-refused') return;
    const isAlive = (token: string | undefined) =>
      token !== undefined && provider.issued.get(token)?.spent === false;
    assert.ok(
      !isAlive(this.#tokenOf(before.pair)),
      'the provider would take the refresh token of the ledger',
    );
    const spare = before.aside.spares.find(
      ({ chain, sealedRefresh }) => chain === before.chain && sealedRefresh,
    );
    assert.ok(!isAlive(this.#tokenOf(spare)), 'the provider would take a spare');
    const rescuedAtMs = replaced.get(names.rescue(this.#credential))?.atMs ?? 0;
    if (clock.monotonicMs() - rescuedAtMs < CONSISTENT_MS) return;
    const grantOf = (token: string | undefined) => provider.issued.get(token ?? '')?.grant;
    const rescued = this.#rescued();
    const isOurs = grantOf(rescued) === grantOf(this.#tokenOf(before.pair));
    assert.ok(!(isOurs && isAlive(rescued)), 'the provider would take the rescue copy');
  }

  /** One answer ends no chain; what a person has just typed is judged at once. */
  #refusedTwice({ pair }: CredentialRecord, after: CredentialRecord): void {
    if (after.lapse?.reason !== 'grant-refused' || !pair?.sealedAccess) return;
    const { posts, timing } = this.#now();
    const token = this.#tokenOf(pair);
    const refusedAtMs = posts
      .filter((post) => post.token === token && post.outcome === 'refused-grant')
      .map(({ endedAtMs = 0 }) => endedAtMs);
    const apartMs = Math.max(...refusedAtMs) - Math.min(...refusedAtMs);
    assert.ok(apartMs >= timing.refusalApartMs, `refused ${refusedAtMs.length} times within ${apartMs} ms`);
  }

  /** Every pair that the provider issued and that was not spent since is somewhere. */
  #nothingThrownAway(): void {
    const { record, provider, posts } = this.#now();
    const stored = [record.pair, ...record.aside.spares].map((pair) => this.#tokenOf(pair));
    stored.push(this.#rescued());
    for (const token of stored) if (token) this.#stored.add(token);
    if (record.state === 'removed') {
      // An operator has put an end to all of it.
      for (const { token, parent } of provider.issued.values()) if (parent) this.#stored.add(token);
      return;
    }
    const current = provider.issued.get(this.#tokenOf(record.pair) ?? '')?.grant;
    for (const { token, parent, spent, grant } of provider.issued.values()) {
      if (spent || parent === undefined || stored.includes(token) || this.lost.has(token)) continue;
      const post = posts.find(({ issued }) => issued === token);
      if (!post) continue;
      const container = this.#container(post.container);
      const isInMemory = !container.isDead && (!container.isFree || this.#unstored(container) === token);
      const isAnswered = post.outcome === undefined || post.outcome === 'success';
      if (isInMemory && isAnswered) continue;
      const wasStored = this.#stored.has(token);
      // What a reseed put an end to may be pushed out by what came after.
      if (wasStored && grant !== current) continue;
      assert.ok(!wasStored, `${token} was stored and is nowhere any more`);
      assert.ok(container.isDead || !isAnswered, `${token} was answered and is nowhere`);
      this.lost.add(token);
    }
  }

  #unstored(container: WitnessedWorld['containers'][number]): string | undefined {
    return this.#tokenOf(container.context.unstored.get(this.#credential));
  }

  #tokenOf(pair: SealedPair | undefined): string | undefined {
    return pair?.sealedRefresh && this.#now().sealed.get(pair.sealedRefresh)?.value;
  }

  /** The refresh token in the rescue secret, as a read without delay would see it. */
  #rescued(): string | undefined {
    return this.#tokenOf(this.rescuedPair);
  }

  /** Set by the story after each step: reading the vault takes a promise. */
  rescuedPair: SealedPair | undefined;

  #container(name: string): WitnessedWorld['containers'][number] {
    const found = this.#now().containers.find((container) => container.name === name);
    if (!found) throw new Error(`no container ${name}`);
    return found;
  }

  #now(): WitnessedWorld {
    if (!this.#world) throw new Error('no world to watch');
    return this.#world;
  }
}

function onlyGrows(before: CredentialRecord | undefined, after: CredentialRecord): void {
  if (!before) return;
  assert.ok(after.generation >= before.generation, 'the generation only grows');
  assert.ok(after.generation <= before.generation + 1, 'by one');
  if (after.pair) assert.equal(after.pair.generation, after.generation, 'the pair is of the generation');
}
