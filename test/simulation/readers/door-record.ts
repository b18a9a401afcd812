import { type IssuedPair, indexOf } from '../provider/issued.ts';
import type { Timeline } from '../timeline.ts';

/** Publishing a pair takes a moment: a token that was replaced less than this ago is what any door has. */
const PUBLISHING_MS = 5000;

/** What the readers of one credential got at one door, one read after the other. */
export class DoorRecord {
  /** Time for which readers got no token, or a dead one. */
  expiredMs = 0;
  /** Reads that got no token. */
  refused = 0;
  reads = 0;
  readonly #timeline: Timeline;
  readonly #sinceMs: number;
  /** The last token that was alive when it was given, and when that was. */
  #last: { readonly pair: IssuedPair; readonly atMs: number } | undefined;
  /** Since when readers have got none. */
  #badSinceMs: number | undefined;

  /** `sinceMs`: the beginning of the time that counts. */
  constructor(timeline: Timeline, sinceMs: number) {
    this.#timeline = timeline;
    this.#sinceMs = sinceMs;
  }

  /** A reader was given this pair's access token, or none. Returns true if that was a living one. */
  given(pair: IssuedPair | undefined): boolean {
    const { nowMs } = this.#timeline;
    this.reads += 1;
    if (!pair) this.refused += 1;
    const isAlive = pair !== undefined && nowMs < deadAtMs(pair);
    if (isAlive) {
      this.#close();
      this.#last = { pair, atMs: nowMs };
    } else {
      this.#badSinceMs ??= this.#endOfGoodMs();
    }
    return isAlive;
  }

  /** The time that counts is over. */
  stop(): void {
    this.#close();
  }

  /** The last good read says until when its token lived; nothing else is known of the time up to the next read. */
  #endOfGoodMs(): number {
    if (!this.#last) return this.#sinceMs;
    return Math.max(this.#last.atMs, Math.min(this.#timeline.nowMs, deadAtMs(this.#last.pair)));
  }

  #close(): void {
    if (this.#badSinceMs !== undefined) this.expiredMs += this.#timeline.nowMs - this.#badSinceMs;
    this.#badSinceMs = undefined;
  }
}

function deadAtMs({ accessExpiresAtMs, accessDeadAtMs }: IssuedPair): number {
  return Math.min(accessExpiresAtMs, accessDeadAtMs + PUBLISHING_MS);
}

/** The pair of a token that was handed out; undefined for none, and for what the provider never issued. */
export function pairOf(token: string | undefined, issued: readonly IssuedPair[]): IssuedPair | undefined {
  return token === undefined ? undefined : issued[indexOf(token)];
}
