import { timing } from '../../shared/config/timing.ts';
import type { SealedValues } from '../crash/ring-sealer.ts';
import type { Post } from '../crash/watched-endpoint.ts';
import { type Choice, Choices } from './choice.ts';
import type { Fault } from './faults.ts';
import type { KnownCall } from './known-call.ts';
import { withFound } from './missing.ts';
import { Numbers } from './numbers.ts';
import { type HeldCall, Parties, type PartyNode } from './party-node.ts';
import { type PartyEvent, unanswered } from './party-run.ts';
import type { Beginning } from './small-world.ts';
import { StateTable } from './state-table.ts';
import { type KnownEffect, StoreStates } from './store-states.ts';
import { leaksOf, StoreClock, type Stores } from './stores.ts';
import { afterOrder, atRest, lossExcused, promiseKept, silenceKept } from './verdict.ts';
import { Witnesses } from './witnesses.ts';
import type { Rules, WorldModel } from './world-model.ts';
import { postName, postsOf, type WorldState } from './world-state.ts';

const TIMING = timing(1);
/** What does not end by then does not end. */
const MOST_CHAINED = 2000;
const UNANSWERED = unanswered();
const NOTHING_ARRIVED = { number: 0, byPost: new Map() };

type Draft = { -readonly [Member in keyof WorldState]: WorldState[Member] };

/** The steps of one world: the state after each of them, on the real code of the parties. */
export class Transitions {
  readonly parties: Parties;
  /** Ends that were looked at. */
  readonly ended = new StateTable();
  readonly #model: WorldModel;
  readonly #beginning: Beginning;
  readonly #clock: StoreClock;
  readonly #rules: Rules;
  readonly #sealed: SealedValues;
  readonly #choices: Choices;
  readonly #witnesses: Witnesses;
  readonly #storeStates: StoreStates;
  readonly #arrivals = new Numbers();
  readonly #unansweredNumber: number;

  constructor(model: WorldModel, beginning: Beginning, rules: Rules) {
    this.#model = model;
    this.#beginning = beginning;
    this.#rules = rules;
    this.#clock = new StoreClock(beginning.nowMs);
    this.#sealed = new Map(beginning.sealed);
    this.#choices = new Choices(model, beginning.nowMs, rules);
    const { alter, forgets } = rules;
    const setting = { nowMs: beginning.nowMs, sealed: this.#sealed, alter, forgets };
    this.parties = new Parties(model.parties, setting);
    this.#storeStates = new StoreStates(this.#clock);
    this.#unansweredNumber = this.#storeStates.numberOf(UNANSWERED);
    this.#witnesses = new Witnesses(model, this.#clock, this.#sealed);
  }

  async begin(): Promise<WorldState> {
    return {
      atMs: 0,
      stores: await this.#storeStates.beginning(this.#beginning),
      parties: this.parties.beginnings,
      late: [],
      gone: new Set(),
      arrivals: NOTHING_ARRIVED,
      faultsLeft: this.#rules.faults,
      momentsLeft: this.#mostMoments,
      struck: [],
      memories: this.#witnesses.memories,
      violation: undefined,
    };
  }

  get #mostMoments(): number {
    const { moments, faults } = this.#rules;
    return moments ?? (faults > 0 ? this.#model.moments : undefined) ?? Number.POSITIVE_INFINITY;
  }

  /** Every step that can be taken now. */
  choices(state: WorldState): Choice[] {
    return this.#choices.in(state);
  }

  /** The state after a step. */
  take(state: WorldState, choice: Choice): Promise<WorldState> {
    return withFound(() => this.takeNow(state, choice));
  }

  /** The same. Throws {@link Missing}. */
  takeNow(state: WorldState, choice: Choice): WorldState {
    let draft = this.#stepped(state, choice);
    if (this.#rules.reduces === false) return draft;
    for (let chained = 0; chained < MOST_CHAINED && draft.violation === undefined; chained += 1) {
      const next = followUp(this.choices(draft), draft.faultsLeft);
      if (!next) break;
      draft = this.#stepped(draft, next);
    }
    return draft;
  }

  #stepped(state: WorldState, { does, fault }: Choice): WorldState {
    const draft: Draft = { ...state };
    this.#clock.atMs = draft.atMs;
    this.#witnesses.lookAt(draft);
    if (fault !== undefined) {
      draft.faultsLeft -= 1;
      draft.struck = [...draft.struck, fault];
    }
    switch (does.kind) {
      case 'start':
        this.#tell(draft, does.party, { kind: 'start' });
        break;
      case 'call':
        this.#call(draft, does.party, does.held, does.fault);
        break;
      case 'page':
        for (const held of does.helds) this.#call(draft, does.party, held, undefined);
        break;
      case 'arrive':
        draft.late = draft.late.filter(({ id }) => id !== does.late.id);
        this.#perform(draft, does.late.party, does.late.call, undefined, 'failed');
        break;
      case 'time':
        if (does.isMoment) draft.momentsLeft -= 1;
        this.#passTime(draft, does.untilMs);
        break;
    }
    const { violation, memories } = this.#witnesses.look(draft);
    draft.violation ??= violation;
    const before = draft.memories;
    draft.memories = memories;
    if (memories !== before) this.#blame(draft, () => lossExcused(before, draft));
    return draft;
  }

  #passTime(draft: Draft, untilMs: number): void {
    draft.atMs = untilMs;
    this.#clock.atMs = untilMs;
    for (const [place, node] of draft.parties.entries()) {
      const [nextMs = Number.POSITIVE_INFINITY] = node.wakesAtMs;
      if (node.isStarted && !node.isDead && nextMs <= untilMs) this.#tell(draft, place, { kind: 'wake' });
    }
  }

  #call(draft: Draft, party: number, held: HeldCall, fault: Fault | undefined): void {
    const { id } = held;
    switch (fault) {
      case 'late write':
        draft.late = [...draft.late, { id, party, call: held }];
        draft.gone = new Set([...draft.gone, id]);
        return;
      case 'throttle':
        if (held.isPost) break;
        this.#witnesses.onCall(held.call, nameOf(draft, party), 'failed', draft.stores);
        this.#tellUnanswered(draft, party, id);
        return;
      case 'lost answer':
        this.#perform(draft, party, held, fault, 'failed');
        this.#tellUnanswered(draft, party, id);
        return;
      case 'crash': {
        this.#perform(draft, party, held, fault, 'sent');
        const node = draft.parties[party];
        if (node) this.#put(draft, party, this.parties.dead(node));
        return;
      }
      case 'freeze':
      case 'late answer':
      case 'stale read':
      case undefined:
        break;
    }
    const effect = this.#perform(draft, party, held, fault, 'answered');
    if (!effect) return;
    const how = fault === 'freeze' || fault === 'late answer' ? { fault } : {};
    const { answer, answerNumber } = effect;
    this.#tell(draft, party, { kind: 'answer', call: id, answer, ...how }, answerNumber);
  }

  #tellUnanswered(draft: Draft, party: number, call: string): void {
    this.#tell(draft, party, { kind: 'answer', call, answer: UNANSWERED }, this.#unansweredNumber);
  }

  /** Does what the call asks for; undefined if nobody ever answers. */
  #perform(
    draft: Draft,
    party: number,
    call: KnownCall,
    fault: Fault | undefined,
    side: 'answered' | 'failed' | 'sent',
  ): KnownEffect | undefined {
    const { stores } = draft;
    const post = call.isPost ? postOf(draft.parties[party], call.call.args?.[1] as Post) : undefined;
    if (post) {
      // The connection is long closed: the provider never read it.
      if (draft.atMs > post.post.answerByMs + TIMING.providerQuietMs) return undefined;
      this.#witnesses.onArrival();
    }
    if (call.port === 'bus' && leaksOf(call.call)) draft.violation ??= 'I7: a secret in an event';
    const manner = { isBehind: fault === 'stale read', isThrottled: fault === 'throttle' };
    const effect = this.#storeStates.perform(stores, call, manner);
    draft.stores = effect.stores;
    if (post) this.#noteArrival(draft, post, effect);
    if (effect.stores !== stores) this.#noteWrite(draft, party, call, stores);
    const ended = 'error' in effect.answer ? 'failed' : side;
    this.#witnesses.onCall(call.call, nameOf(draft, party), ended, stores);
    return effect;
  }

  #noteArrival(draft: Draft, { name }: NamedPost, { answer }: KnownEffect): void {
    const outcome =
      'value' in answer ? (answer.value as { response?: { refreshToken?: { reveal(): string } } }) : {};
    const issued = outcome.response?.refreshToken?.reveal();
    const arrival = { arrivedAtMs: draft.atMs, ...(issued && { issued }) };
    const byPost = new Map(draft.arrivals.byPost).set(name, arrival);
    draft.arrivals = { byPost, number: this.#arrivals.of(JSON.stringify([...byPost].sort())) };
  }

  #noteWrite(draft: Draft, party: number, call: KnownCall, before: Stores): void {
    const [written] = call.footprint.writes;
    if (written !== undefined && !this.#choices.isDeclared(written))
      draft.violation ??= `footprint: ${nameOf(draft, party)} writes ${written}, undeclared`;
    if (call.port === 'ledger') this.#witnesses.onSave(call.call.key, before, draft.stores);
  }

  /** Lets something happen to a party, and looks at what it does then. */
  #tell(draft: Draft, place: number, event: PartyEvent, number?: number): void {
    const before = draft.parties[place];
    if (!before || before.isDead) return;
    const after = this.parties.after(before, draft.atMs, event, number);
    for (const post of after.posts.slice(before.posts.length)) {
      const { issued } = draft.stores.provider.provider;
      this.#witnesses.onSent(post, issued.get(post.token)?.grant);
      this.#blame(draft, () => promiseKept(issued.get(post.token), this.#clock.nowMs(), after.party));
      this.#blame(draft, () => silenceKept(postsOf(draft), post, after.party));
    }
    this.#put(draft, place, after);
    const [leak] = after.leaks;
    if (leak) draft.violation ??= `I7: a secret in a log line`;
    if (!before.result && after.result) this.#judge(draft, after);
  }

  #put(draft: Draft, place: number, node: PartyNode): void {
    draft.parties = draft.parties.map((other, index) => (index === place ? node : other));
  }

  /** An error of a party is a violation unless it says that a store or a service failed. */
  #judge(draft: Draft, { party, result }: PartyNode): void {
    if (!result) return;
    if (result.error === undefined) {
      const { stores, struck } = draft;
      const isStruck = struck.length > 0;
      this.#blame(draft, () => party.check?.(result.value, { stores, isStruck, nowMs: this.#clock.nowMs() }));
      return;
    }
    const { code } = result.error as { code?: string };
    if (typeof code !== 'string' || code === 'invariant-violated' || code.startsWith('ERR_'))
      draft.violation ??= `${party.name} ended in ${String(result.error)}`;
  }

  #blame(draft: Draft, look: () => void): void {
    try {
      look();
    } catch (error) {
      draft.violation ??= error instanceof Error ? error.message : String(error);
    }
  }

  /** The end of an order: lets the world come to rest, and says what is broken then, if anything is. */
  async finish(state: WorldState): Promise<string | undefined> {
    try {
      if (state.struck.length === 0) afterOrder(state, this.#beginning);
      await atRest(this.#model, state, {
        nowMs: this.#beginning.nowMs,
        sealed: this.#sealed,
        alter: this.#rules.alter,
      });
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    return undefined;
  }
}

/**
 * What is no step of its own: the only one that can be taken and, with nothing left that could go wrong, one that
 * concerns nobody else.
 */
function followUp(choices: readonly Choice[], faultsLeft: number): Choice | undefined {
  if (choices.length === 1) return choices[0];
  if (faultsLeft > 0) return undefined;
  const next = choices.find(({ isPrivate }) => isPrivate);
  return next && !choices.some(({ does }) => does.kind === 'time') ? next : undefined;
}

function nameOf({ parties }: WorldState, place: number): string {
  return parties[place]?.party.name ?? '';
}

interface NamedPost {
  readonly name: string;
  readonly post: Post;
}

function postOf(node: PartyNode | undefined, sent: Post): NamedPost | undefined {
  const number =
    node?.posts.findIndex(({ token, sentAtMs }) => token === sent.token && sentAtMs === sent.sentAtMs) ?? -1;
  const post = node?.posts[number];
  return node && post && { name: postName(node.party.name, number), post };
}
