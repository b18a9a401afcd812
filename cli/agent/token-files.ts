import { rm } from 'node:fs/promises';
import { type Token, TokenError } from '../../client/index.ts';
import type { Clock } from '../../shared/clock/clock.ts';
import { replaceFile } from './replace-file.ts';

export interface TokenFilesOptions {
  readonly credential: string;
  /** Where the token is kept; none: nothing is done. */
  readonly paths: readonly string[];
  /** The current token, which lives so long if that can be had. Rejects with `TokenError`. */
  readonly current: (minTtlSeconds: number) => Promise<Token>;
  /** Tells the operator what is wrong, or that it is no more. */
  readonly tell: (sentence: string) => void;
  readonly clock: Clock;
}

const LOOK_AGAIN_MS = 1000;
/** A token is replaced so long before its end, or with a quarter of its life left if that is less. */
const LONGEST_MARGIN_MS = 30_000;
const MARGIN_SHARE = 0.25;
/** `setTimeout` takes a longer delay for 1 ms. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1;

/** Keeps the current token of a credential in files, as long as one lives. */
export class TokenFiles {
  readonly #options: TokenFilesOptions;
  #token: Token | undefined;
  #marginMs = LONGEST_MARGIN_MS;
  #writing: Promise<void> = Promise.resolve();
  #trouble: string | undefined;

  constructor(options: TokenFilesOptions) {
    this.#options = options;
  }

  /** Writes a token that is not in the files yet. Rejects with the file system's error. */
  hold(token: Token): Promise<void> {
    const { paths, clock } = this.#options;
    const write = async () => {
      if (paths.length === 0 || token.accessToken === this.#token?.accessToken) return;
      await Promise.all(paths.map((path) => replaceFile(path, token.accessToken)));
      const lifeMs = token.expiresAtMs - clock.nowMs();
      this.#marginMs = Math.min(LONGEST_MARGIN_MS, lifeMs * MARGIN_SHARE);
      this.#token = token;
    };
    this.#writing = this.#writing.catch(() => undefined).then(write);
    return this.#writing;
  }

  /** Looks once, and returns when to look again, in ms. */
  async look(): Promise<number> {
    const { clock } = this.#options;
    try {
      const token = await this.#current();
      await this.hold(token);
      this.#tell(undefined);
      return Math.max(LOOK_AGAIN_MS, Math.min(token.holdUntilMs - clock.nowMs(), LONGEST_SLEEP_MS));
    } catch (error) {
      await this.#removeDead();
      this.#tell(sentenceOf(error));
      const seconds = error instanceof TokenError ? error.retryAfterSeconds : undefined;
      const untilExpiryMs = (this.#token?.expiresAtMs ?? Number.POSITIVE_INFINITY) - clock.nowMs();
      return Math.max(LOOK_AGAIN_MS, Math.min((seconds ?? 1) * 1000, untilExpiryMs, LONGEST_SLEEP_MS));
    }
  }

  /** Looks until the signal. */
  async keep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) await this.#options.clock.sleep(await this.look(), signal);
  }

  /** One that lives on for a while, so that the files never hold a dead one; one that lives, if that is all there is. */
  async #current(): Promise<Token> {
    const { current } = this.#options;
    return current(Math.floor(this.#marginMs / 1000)).catch(() => current(0));
  }

  /** A file without a token tells its reader more than one with a dead token. */
  async #removeDead(): Promise<void> {
    const { paths, clock } = this.#options;
    if (this.#token && clock.nowMs() < this.#token.expiresAtMs) return;
    this.#token = undefined;
    await Promise.all(paths.map((path) => rm(path, { force: true }).catch(() => undefined)));
  }

  #tell(trouble: string | undefined): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#options.tell(`${this.#options.credential}: ${trouble ?? 'its file holds a current token again.'}`);
  }
}

function sentenceOf(error: unknown): string {
  if (error instanceof TokenError) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  return `its file cannot be written (${code ?? 'unexpected error'}): check that the folder is there and may be written.`;
}
