import type { Door, Token, TokenNeed } from './token.ts';
import { TokenError } from './token-error.ts';
import { isNewer } from './token-order.ts';

/** A 401 that a new token does not fix has another reason: it is not reported again for so long. */
const IN_VAIN_MS = 30_000;
/** A longer `Retry-After` is told to the caller; the source asks again after this. */
const LONGEST_RETRY_AFTER_SECONDS = 3600;

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
  /** The provider refused the held token, or an event speaks of another one: it loses to any token that lives. */
  #isDoubted = false;
  /** By the least time to live, in seconds: who asks for too much fails nobody else. */
  readonly #asking = new Map<number, Promise<Token>>();
  #reporting: { readonly token: Token; readonly answer: Promise<Token> } | undefined;
  /** The token whose report changed nothing, or was put off: it is not reported again before `untilMs`. */
  #inVain: { readonly token: Token; readonly untilMs: number } | undefined;
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
  async get(need: Pick<TokenNeed, 'minTtlSeconds' | 'signal'>): Promise<Token> {
    need.signal?.throwIfAborted();
    const { nowMs, graceMs } = this.#options;
    const held = this.#token;
    const until = Math.max(held?.holdUntilMs ?? 0, this.#confirmedAtMs + graceMs);
    if (held && !this.#isDoubted && nowMs() < until && this.#lives(held, need.minTtlSeconds)) return held;
    return this.ask(need);
  }

  /** Asks the door. While it fails, a held token that lives serves on. */
  async ask(need: Pick<TokenNeed, 'minTtlSeconds' | 'signal'>): Promise<Token> {
    try {
      // It lives, though by this clock, which counts from the question, it may seem not to.
      return await this.#askOnce(need);
    } catch (error) {
      const isTemporary = error instanceof TokenError && error.isTemporary;
      if (isTemporary && this.#token && this.#lives(this.#token, need.minTtlSeconds)) return this.#token;
      throw error;
    }
  }

  /** Another token than the refused one; undefined if there is none, or nobody can tell. */
  async replaced(refused: Token, signal?: AbortSignal): Promise<Token | undefined> {
    const isOther = (token: Token | undefined) => token && !isSame(token, refused) && this.#lives(token);
    if (isOther(this.#token)) return this.#token;
    const { nowMs } = this.#options;
    const inVain = this.#inVain;
    if (inVain && isSame(inVain.token, refused) && nowMs() < inVain.untilMs) return undefined;
    this.#isDoubted = true;
    try {
      const token = await unlessAborted(this.#report(refused), signal);
      return isOther(token) ? token : undefined;
    } catch {
      signal?.throwIfAborted();
      return undefined;
    }
  }

  /**
   * Takes an event's word that `generation` was issued. An older held token is dead. A later one is doubted: the event
   * came late, or the ledger was restored or made anew.
   */
  drop(generation: number): void {
    if (!this.#token || this.#token.generation === generation) return;
    if (this.#token.generation < generation) this.#token = undefined;
    this.#isDoubted = true;
  }

  /** Reports a token once for all who had it refused, and holds the answer, whoever still waits for it. */
  #report(token: Token): Promise<Token> {
    if (this.#reporting && isSame(this.#reporting.token, token)) return this.#reporting.answer;
    const reporting = { token, answer: this.#fromReport(token) };
    const end = () => {
      if (this.#reporting === reporting) this.#reporting = undefined;
    };
    reporting.answer.then(end, end);
    this.#reporting = reporting;
    return reporting.answer;
  }

  async #fromReport(refused: Token): Promise<Token> {
    const { door, nowMs } = this.#options;
    try {
      const token = this.#keep(await door.refused(refused, { signal: undefined }), nowMs());
      if (isSame(token, refused)) this.#inVain = { token: refused, untilMs: nowMs() + IN_VAIN_MS };
      return token;
    } catch (error) {
      const untilMs = this.#retryAtMs(error);
      if (untilMs !== undefined) this.#inVain = { token: refused, untilMs };
      throw error;
    }
  }

  async #askOnce({ minTtlSeconds = 0, signal }: Pick<TokenNeed, 'minTtlSeconds' | 'signal'>): Promise<Token> {
    const { nowMs } = this.#options;
    const trouble = this.#trouble;
    if (trouble && minTtlSeconds >= trouble.minTtlSeconds && nowMs() < trouble.untilMs) throw trouble.error;
    const asking =
      this.#asking.get(minTtlSeconds) ??
      this.#fromDoor({ minTtlSeconds }).finally(() => this.#asking.delete(minTtlSeconds));
    this.#asking.set(minTtlSeconds, asking);
    return unlessAborted(asking, signal);
  }

  async #fromDoor(need: TokenNeed): Promise<Token> {
    const { door, nowMs } = this.#options;
    const askedAtMs = nowMs();
    // A ledger that begins again may have another token of the same generation: only one that is trusted is named.
    const isTrusted = this.#token && !this.#isDoubted && this.#lives(this.#token);
    try {
      const held = isTrusted ? this.#token : undefined;
      const token = this.#keep(await door.ask({ ...need, held }), askedAtMs);
      this.#trouble = undefined;
      return token;
    } catch (error) {
      const untilMs = this.#retryAtMs(error);
      if (error instanceof TokenError && untilMs !== undefined) {
        this.#trouble = { error, untilMs, minTtlSeconds: need.minTtlSeconds ?? 0 };
      }
      throw error;
    }
  }

  #retryAtMs(error: unknown): number | undefined {
    const seconds = error instanceof TokenError ? error.retryAfterSeconds : undefined;
    if (seconds === undefined) return undefined;
    return this.#options.nowMs() + Math.min(seconds, LONGEST_RETRY_AFTER_SECONDS) * 1000;
  }

  /**
   * Holds the answer, or what is held if that is better: a token that lives and is not doubted loses only to a newer
   * one that lives, because reads may be behind each other. Any other held token loses to every answer.
   */
  #keep(token: Token, askedAtMs: number): Token {
    const held = this.#token;
    if (held && !this.#isDoubted && this.#lives(held)) {
      const isBetter = token.generation === held.generation || isNewer(token, held);
      if (!isBetter || !this.#lives(token)) return held;
    }
    this.#token = token;
    this.#isDoubted = false;
    this.#confirmedAtMs = askedAtMs;
    return token;
  }

  #lives({ expiresAtMs }: Token, minTtlSeconds = 0): boolean {
    const ttlMs = expiresAtMs - this.#options.nowMs();
    return ttlMs > 0 && ttlMs >= minTtlSeconds * 1000;
  }
}

function isSame(one: Token, other: Token): boolean {
  return one.generation === other.generation && one.accessToken === other.accessToken;
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
