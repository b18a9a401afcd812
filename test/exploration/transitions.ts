import { timing } from '../../shared/config/timing.ts';
import type { SealedValues } from '../crash/ring-sealer.ts';
import type { Post } from '../crash/watched-endpoint.ts';
import { type Choice, Choices } from './choice.ts';
import type { Fault } from './faults.ts';
import { footprintOf } from './footprint.ts';
import { Parties, type PartyNode } from './party-node.ts';
import { type Answer, type HeldCall, type PartyEvent, unanswered } from './party-run.ts';
import type { Beginning } from './small-world.ts';
import { type Effect, leaksOf, perform, StoreClock, type Stores, storesOf } from './stores.ts';
import { afterOrder, atRest, promiseKept } from './verdict.ts';
import { Witnesses } from './witnesses.ts';
import type { Rules, WorldModel } from './world-model.ts';
import { postName, type WorldState } from './world-state.ts';

const TIMING = timing(1);

type Draft = { -readonly [Member in keyof WorldState]: WorldState[Member] };

/** The steps of one world: the state after each of them, on the real code of the parties. */
export class Transitions {
  readonly parties: Parties;
  readonly #model: WorldModel;
  readonly #beginning: Beginning;
  readonly #clock: StoreClock;
  readonly #rules: Rules;
  readonly #sealed: SealedValues;
  readonly #choices: Choices;
  readonly #witnesses: Witnesses;

  constructor(model: WorldModel, beginning: Beginning, rules: Rules) {
    this.#model = model;
    this.#beginning = beginning;
    this.#rules = rules;
    this.#clock = new StoreClock(beginning.nowMs);
    this.#sealed = new Map(beginning.sealed);
    this.#choices = new Choices(model, beginning.nowMs, rules);
    const setting = { nowMs: beginning.nowMs, sealed: this.#sealed, alter: rules.alter };
    this.parties = new Parties(model.parties, setting);
    this.#witnesses = new Witnesses(model, this.#clock, this.#sealed);
  }

  async begin(): Promise<WorldState> {
    return {
      atMs: 0,
      stores: await storesOf(this.#beginning, this.#clock),
      parties: this.parties.beginnings,
      late: [],
      gone: new Set(),
      arrivals: new Map(),
      faultsLeft: this.#rules.faults,
      isStruck: false,
      memories: this.#witnesses.memories,
      violation: undefined,
    };
  }

  /** Every step that can be taken now. */
  choices(state: WorldState): Choice[] {
    return this.#choices.in(state);
  }

  /** The state after a step. */
  async take(state: WorldState, choice: Choice): Promise<WorldState> {
    let draft = await this.#stepped(state, choice);
    if (this.#rules.reduces === false) return draft;
    // With nothing left that could go wrong, what concerns nobody else is no step of its own.
    while (draft.faultsLeft === 0 && draft.violation === undefined) {
      const choices = this.choices(draft);
      const next = choices.find(({ isPrivate }) => isPrivate);
      if (!next || choices.some(({ does }) => does.kind === 'time')) break;
      draft = await this.#stepped(draft, next);
    }
    return draft;
  }

  async #stepped(state: WorldState, { does, fault }: Choice): Promise<WorldState> {
    const draft: Draft = { ...state };
    this.#clock.atMs = draft.atMs;
    this.#witnesses.lookAt(draft);
    if (fault !== undefined) {
      draft.faultsLeft -= 1;
      draft.isStruck = true;
    }
    switch (does.kind) {
      case 'start':
        await this.#tell(draft, does.party, { kind: 'start' });
        break;
      case 'call':
        await this.#call(draft, does.party, does.held, does.fault);
        break;
      case 'arrive':
        draft.late = draft.late.filter(({ id }) => id !== does.late.id);
        await this.#perform(draft, does.late.party, does.late.call, undefined, 'failed');
        break;
      case 'time':
        await this.#passTime(draft, does.untilMs);
        break;
    }
    const broken = await this.#witnesses.look(draft);
    draft.violation ??= broken;
    draft.memories = this.#witnesses.memories;
    return draft;
  }

  async #passTime(draft: Draft, untilMs: number): Promise<void> {
    draft.atMs = untilMs;
    this.#clock.atMs = untilMs;
    for (const [place, node] of draft.parties.entries()) {
      const isDue = node.nextWakeAtMs !== undefined && node.nextWakeAtMs <= untilMs;
      if (node.isStarted && !node.isDead && isDue) await this.#tell(draft, place, { kind: 'wake' });
    }
  }

  async #call(draft: Draft, party: number, { id, call }: HeldCall, fault: Fault | undefined): Promise<void> {
    const isPost = call.port === 'provider' && call.operation === 'post';
    switch (fault) {
      case 'late write':
        draft.late = [...draft.late, { id, party, call }];
        draft.gone = new Set([...draft.gone, id]);
        return;
      case 'throttle':
        if (isPost) break;
        this.#witnesses.onCall(call, nameOf(draft, party), 'failed', draft.stores);
        await this.#tell(draft, party, { kind: 'answer', call: id, answer: unanswered() });
        return;
      case 'lost answer':
        await this.#perform(draft, party, call, fault, 'failed');
        await this.#tell(draft, party, { kind: 'answer', call: id, answer: unanswered() });
        return;
      case 'crash': {
        await this.#perform(draft, party, call, fault, 'sent');
        const node = draft.parties[party];
        if (node) this.#put(draft, party, { ...node, isDead: true, held: [], nextWakeAtMs: undefined });
        return;
      }
      case 'freeze':
      case 'late answer':
      case 'stale read':
      case undefined:
        break;
    }
    const answer = await this.#perform(draft, party, call, fault, 'answered');
    if (!answer) return;
    const how = fault === 'freeze' || fault === 'late answer' ? { fault } : {};
    await this.#tell(draft, party, { kind: 'answer', call: id, answer, ...how });
  }

  /** Does what the call asks for; resolves with undefined if nobody ever answers. */
  async #perform(
    draft: Draft,
    party: number,
    call: HeldCall['call'],
    fault: Fault | undefined,
    side: 'answered' | 'failed' | 'sent',
  ): Promise<Answer | undefined> {
    const { stores } = draft;
    const isPost = call.port === 'provider' && call.operation === 'post';
    const post = isPost ? postOf(draft.parties[party], call.args?.[1] as Post) : undefined;
    if (post) {
      // The connection is long closed: the provider never read it.
      if (draft.atMs > post.post.answerByMs + TIMING.providerQuietMs) return undefined;
      this.#witnesses.onArrival();
    }
    if (leaksOf(call)) draft.violation ??= 'I7: a secret in an event';
    const manner = { isBehind: fault === 'stale read', isThrottled: fault === 'throttle' };
    const effect = await perform(stores, this.#clock, call, manner);
    draft.stores = effect.stores;
    if (post) this.#noteArrival(draft, post, effect);
    if (effect.stores !== stores) this.#noteWrite(draft, party, call, stores);
    const ended = 'error' in effect.answer ? 'failed' : side;
    this.#witnesses.onCall(call, nameOf(draft, party), ended, stores);
    return effect.answer;
  }

  #noteArrival(draft: Draft, { name }: NamedPost, { answer }: Effect): void {
    const outcome =
      'value' in answer ? (answer.value as { response?: { refreshToken?: { reveal(): string } } }) : {};
    const issued = outcome.response?.refreshToken?.reveal();
    draft.arrivals = new Map(draft.arrivals).set(name, {
      arrivedAtMs: draft.atMs,
      ...(issued && { issued }),
    });
  }

  #noteWrite(draft: Draft, party: number, call: HeldCall['call'], before: Stores): void {
    const [written] = footprintOf(call).writes;
    if (written !== undefined && !this.#choices.isDeclared(written))
      draft.violation ??= `footprint: ${nameOf(draft, party)} writes ${written}, undeclared`;
    if (call.port === 'ledger') this.#witnesses.onSave(call.key, before, draft.stores);
  }

  /** Lets something happen to a party, and looks at what it does then. */
  async #tell(draft: Draft, place: number, event: PartyEvent): Promise<void> {
    const before = draft.parties[place];
    if (!before || before.isDead) return;
    const after = await this.parties.after(before, draft.atMs, event);
    for (const post of after.posts.slice(before.posts.length)) {
      const { issued } = draft.stores.provider;
      this.#witnesses.onSent(post, issued.get(post.token)?.grant);
      this.#blame(draft, () => promiseKept(issued.get(post.token), this.#clock.nowMs(), after.party));
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
      const { stores, isStruck } = draft;
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
      if (!state.isStruck) afterOrder(state, this.#beginning);
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
