import type { KnownCall } from './known-call.ts';
import { Missing } from './missing.ts';
import { Numbers } from './numbers.ts';
import type { Answer } from './party-run.ts';
import type { Beginning } from './small-world.ts';
import { digestOfAnswer } from './state-digest.ts';
import {
  contentsOf,
  exactly,
  type Manner,
  PARTS,
  type Part,
  type PartContent,
  perform,
  type StoreClock,
  type Stores,
  upToIds,
} from './stores.ts';

/** What a call does, and what it is answered. */
export interface KnownEffect {
  readonly stores: Stores;
  readonly answer: Answer;
  /** The same for equal answers. */
  readonly answerNumber: number;
}

interface PartEffect extends Omit<KnownEffect, 'stores'> {
  readonly after: Part | undefined;
}

/**
 * What calls do to the stores, each found once by the real fakes: a call to a part that is as it was before does the
 * same again. Equal stores are one object.
 */
export class StoreStates {
  readonly #clock: StoreClock;
  readonly #effects = new Map<string, PartEffect>();
  readonly #stores = new Map<string, Stores>();
  readonly #parts = new Map<string, Part>();
  readonly #answers = new Numbers();
  readonly #keys = new Numbers();

  constructor(clock: StoreClock) {
    this.#clock = clock;
  }

  async beginning(beginning: Beginning): Promise<Stores> {
    const contents = await contentsOf(beginning, this.#clock);
    return this.#together(contents.map((content) => this.#part(content, 'the beginning')));
  }

  /** Does what a call asks for at the clock's time. Throws {@link Missing}. */
  perform(stores: Stores, call: KnownCall, manner: Manner): KnownEffect {
    const part = call.port === 'bus' ? undefined : stores[call.port];
    const isTimed = call.port === 'vault' || call.port === 'provider';
    const how = `${manner.isBehind ? 'behind' : ''}${manner.isThrottled ? 'throttled' : ''}`;
    const key = `${call.number} ${part?.number} ${isTimed ? this.#clock.atMs : ''} ${how}`;
    const known = this.#effects.get(key);
    if (known) {
      const { after, answer, answerNumber } = known;
      return { stores: after ? this.#with(stores, after) : stores, answer, answerNumber };
    }
    const { atMs } = this.#clock;
    throw new Missing(async () => {
      this.#clock.atMs = atMs;
      const { after, answer } = await perform(stores, this.#clock, call.call, manner);
      const history = `${part?.number} ${call.number} ${atMs}`;
      const effect = { after: after && this.#part(after, history), answer };
      this.#effects.set(key, { ...effect, answerNumber: this.numberOf(answer) });
    });
  }

  /** The same for equal answers. */
  numberOf(answer: Answer): number {
    return this.#answers.of(digestOfAnswer(answer));
  }

  #part(content: PartContent, history: string): Part {
    const text = `${content.name} ${exactly(content) ?? history}`;
    const before = this.#parts.get(text);
    if (before) return before;
    const key = this.#keys.of(`${content.name} ${upToIds(content)}`);
    const made: Part = { ...content, number: this.#parts.size + 1, key };
    this.#parts.set(text, made);
    return made;
  }

  #with(stores: Stores, part: Part): Stores {
    if (stores[part.name] === part) return stores;
    return this.#together(PARTS.map((name) => (name === part.name ? part : stores[name])));
  }

  #together(parts: readonly Part[]): Stores {
    const text = parts.map(({ number }) => number).join(' ');
    const before = this.#stores.get(text);
    if (before) return before;
    const made = {
      ...(Object.fromEntries(parts.map((part) => [part.name, part])) as Omit<Stores, 'number' | 'key'>),
      number: this.#stores.size + 1,
      key: this.#keys.of(parts.map(({ key }) => key).join(' ')),
    } as Stores;
    this.#stores.set(text, made);
    return made;
  }
}
