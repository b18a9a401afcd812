import type { Door, RefreshTrigger, Token } from './token.ts';
import { TokenError } from './token-error.ts';

/** A 401 that a new token does not mend has another reason: it is not reported again for so long. */
const IN_VAIN_MS = 30_000;
const LONGEST_RETRY_AFTER_SECONDS = 60;

interface HeldTokenOptions {
  readonly door: Door;
  readonly nowMs: () => number;
  /** How long past the promise a token may be used after it was confirmed. */
  readonly graceMs: number;
}

/** The latest token, asked for by one request at a time (for each least time to live). */
export class HeldToken {
  readonly #options: HeldTokenOptions;
  #token: Token | undefined;
  #confirmedAtMs = Number.NEGATIVE_INFINITY;
  /** By the least time to live, in seconds: who asks for too much fails nobody else. */
  readonly #asking = new Map<number, Promise<Token>>();
  #reporting: { readonly generation: number; readonly answer: Promise<Token> } | undefined;
  #inVain: { readonly generation: number; readonly untilMs: number } | undefined;
  /** Why nobody who wants a token that lives so long asks before `untilMs`. */
  #trouble:
    | { readonly error: TokenError; readonly untilMs: number; readonly minTtlSeconds: number }
    | undefined;

  constructor(options: HeldTokenOptions) {
    this.#options = options;
  }

  get token(): Token | undefined {
    return this.#token;
  }

  /** The held token while its promise (or the grace) lasts, else the one that the door has now. */
  async get(wish: Pick<RefreshTrigger, 'minTtlSeconds' | 'signal'>): Promise<Token> {
    wish.signal?.throwIfAborted();
    const { nowMs, graceMs } = this.#options;
    const held = this.#token;
    const until = Math.max(held?.holdUntilMs ?? 0, this.#confirmedAtMs + graceMs);
    if (held && nowMs() < until && this.#lives(held, wish.minTtlSeconds)) return held;
    return this.ask(wish);
  }

  /** Asks the door. While it fails, a held token that lives serves on. */
  async ask(wish: Pick<RefreshTrigger, 'minTtlSeconds' | 'signal'>): Promise<Token> {
    try {
      // It lives, though by this clock, which counts from the question, it may seem not to.
      return await this.#askOnce(wish);
    } catch (error) {
      const isTemporary = error instanceof TokenError && error.isTemporary;
      if (isTemporary && this.#token && this.#lives(this.#token, wish.minTtlSeconds)) return this.#token;
      throw error;
    }
  }

  /** A later token than the refused one; undefined if there is none, or nobody can tell. */
  async replaced({ generation }: Token, signal?: AbortSignal): Promise<Token | undefined> {
    const isLater = (token: Token | undefined) =>
      token && token.generation > generation ? token : undefined;
    if (isLater(this.#token)) return this.#token;
    const { nowMs } = this.#options;
    if (this.#inVain?.generation === generation && nowMs() < this.#inVain.untilMs) return undefined;
    try {
      const token = await unlessAborted(this.#report(generation), signal);
      return isLater(token);
    } catch {
      signal?.throwIfAborted();
      return undefined;
    }
  }

  /** Forgets a token older than `generation`: it is dead. */
  drop(generation: number): void {
    if (this.#token && this.#token.generation < generation) this.#token = undefined;
  }

  /** Reports a generation once for all who had it refused, and holds the answer, whoever still waits for it. */
  #report(generation: number): Promise<Token> {
    if (this.#reporting?.generation === generation) return this.#reporting.answer;
    const reporting = { generation, answer: this.#fromReport(generation) };
    const end = () => {
      if (this.#reporting === reporting) this.#reporting = undefined;
    };
    reporting.answer.then(end, end);
    this.#reporting = reporting;
    return reporting.answer;
  }

  async #fromReport(generation: number): Promise<Token> {
    const { door, nowMs } = this.#options;
    const token = this.#keep(await door.refused(generation, { signal: undefined }), nowMs());
    if (token.generation <= generation) this.#inVain = { generation, untilMs: nowMs() + IN_VAIN_MS };
    return token;
  }

  async #askOnce({
    minTtlSeconds = 0,
    signal,
  }: Pick<RefreshTrigger, 'minTtlSeconds' | 'signal'>): Promise<Token> {
    const { nowMs } = this.#options;
    const trouble = this.#trouble;
    if (trouble && minTtlSeconds >= trouble.minTtlSeconds && nowMs() < trouble.untilMs) throw trouble.error;
    const asking =
      this.#asking.get(minTtlSeconds) ??
      this.#fromDoor({ minTtlSeconds }).finally(() => this.#asking.delete(minTtlSeconds));
    this.#asking.set(minTtlSeconds, asking);
    return unlessAborted(asking, signal);
  }

  async #fromDoor(wish: RefreshTrigger): Promise<Token> {
    const { door, nowMs } = this.#options;
    const askedAtMs = nowMs();
    try {
      const token = this.#keep(await door.ask({ ...wish, held: this.#token }), askedAtMs);
      this.#trouble = undefined;
      return token;
    } catch (error) {
      const seconds = error instanceof TokenError ? error.retryAfterSeconds : undefined;
      if (error instanceof TokenError && seconds !== undefined) {
        const untilMs = nowMs() + Math.min(seconds, LONGEST_RETRY_AFTER_SECONDS) * 1000;
        this.#trouble = { error, untilMs, minTtlSeconds: wish.minTtlSeconds ?? 0 };
      }
      throw error;
    }
  }

  /** The later one stays: reads of Secrets Manager may be behind each other. */
  #keep(token: Token, askedAtMs: number): Token {
    if (this.#token && this.#token.generation > token.generation) return this.#token;
    this.#token = token;
    this.#confirmedAtMs = askedAtMs;
    return token;
  }

  #lives({ expiresAtMs }: Token, minTtlSeconds = 0): boolean {
    const ttlMs = expiresAtMs - this.#options.nowMs();
    return ttlMs > 0 && ttlMs >= minTtlSeconds * 1000;
  }
}

/** The question goes on for the others who wait for it. */
function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
