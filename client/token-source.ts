import { authorizedFetch } from './authorized-fetch.ts';
import { HeldToken } from './held-token.ts';
import { lanesDoor } from './lanes-door.ts';
import { readApiDoor } from './read-api-door.ts';
import { type SecretsClient, secretReader } from './read-secret.ts';
import { assertSourceOptions } from './source-options.ts';
import type { Door, Token } from './token.ts';
import type { Fetch } from './transport.ts';

interface CommonOptions {
  readonly credential: string;
  /** Sends requests that carry the token. By default the global `fetch`. */
  readonly resourceFetch?: typeof fetch;
  /**
   * Past the promise a token may die at any moment, so every call asks whether it still is the current one. With a
   * grace, one that was confirmed so many seconds ago is used without asking; {@link TokenSource.fetch} fixes what
   * comes of it. 0 unless given.
   */
  readonly graceSeconds?: number;
  /**
   * Looks for the next token by itself from the end of the promise on, once a second, so that calls seldom wait. Not
   * for Lambda, where timers stand still between invocations.
   */
  readonly background?: boolean;
  readonly nowMs?: () => number;
}

/** Asks the HTTP read API: any credential, also on demand, and reports of refused tokens. */
export interface ReadApiSource extends CommonOptions {
  readonly via: 'read-api';
  /** Base URL: the stack's output `ReadApiUrl`, or `http://127.0.0.1:4701`. */
  readonly url: string;
  /** Sends requests to the read API; on AWS one that signs them (`signedFetch`). */
  readonly fetch?: Fetch;
}

/** Reads the published secrets: no function of Renova has to run for it. */
export interface SecretsManagerSource extends CommonOptions {
  readonly via: 'secrets-manager';
  readonly env: string;
  /** A `SecretsManagerClient` of the SDK; one with its defaults unless given. */
  readonly client?: SecretsClient;
  /** Where to report a refused token, so that it is replaced. Without it, the secrets are only read again. */
  readonly readApi?: { readonly url: string; readonly fetch?: Fetch };
  /** Length of Renova's day: 24 hours divided by the `--scale` of a local stack. */
  readonly dayMs?: number;
}

export type TokenSourceOptions = ReadApiSource | SecretsManagerSource;

/** The current token of one credential, to be kept for as long as the process lives. */
export interface TokenSource {
  /**
   * The current token: the held one as long as nobody may replace it, else what Renova has now; any number of callers
   * share one question. While Renova cannot be asked, a held token that lives serves on. Rejects with `TokenError`,
   * or with the signal's reason.
   */
  getToken(options?: { readonly minTtlSeconds?: number; readonly signal?: AbortSignal }): Promise<Token>;
  /**
   * As the global `fetch`, with the token in `Authorization` and the registered `User-Agent`, unless the request has
   * one. When the provider answers 401, the token is reported and the request sent once more with another one, if there
   * is one. Rejects as `getToken` and `fetch` do.
   */
  fetch(input: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response>;
  /**
   * Reports that the provider answered 401 to this token, for requests that `fetch` does not send. Resolves with another
   * token to try once more with; with undefined if there is none, or nobody can tell. Rejects with the signal's reason.
   */
  refused(token: Token, options?: { readonly signal?: AbortSignal }): Promise<Token | undefined>;
  /** Takes the detail of a `Token Refreshed` event: the next call asks, unless the held token is of that generation. */
  refreshed(detail: { readonly credential: string; readonly generation: number }): void;
  /** Ends the background's looking. */
  close(): void;
}

const LOOK_AGAIN_MS = 1000;
/** `setTimeout` takes a longer delay for 1 ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * A source of tokens for one credential. Asks nothing before it is asked. Throws `TokenError` for an option that cannot
 * be used.
 */
export function createTokenSource(options: TokenSourceOptions): TokenSource {
  assertSourceOptions(options);
  const { credential, nowMs = Date.now, resourceFetch = globalThis.fetch } = options;
  const graceMs = (options.graceSeconds ?? 0) * 1000;
  const held = new HeldToken({ door: doorOf(options, nowMs), nowMs, graceMs });
  const background = options.background ? lookAhead(held, nowMs) : undefined;

  const getToken: TokenSource['getToken'] = async (need = {}) => {
    const token = await held.get(need);
    background?.look();
    return token;
  };
  const holder = { getToken, replaced: held.replaced.bind(held) };
  return {
    getToken,
    fetch: (input, init) => authorizedFetch(holder, resourceFetch, input, init),
    refused: (token, { signal } = {}) => held.replaced(token, signal),
    refreshed(detail) {
      if (detail.credential === credential) held.drop(detail.generation);
    },
    close: () => background?.stop(),
  };
}

function doorOf(options: TokenSourceOptions, nowMs: () => number): Door {
  const { credential } = options;
  if (options.via === 'read-api') return readApiDoor({ ...options, nowMs });
  const { env, client, readApi, dayMs } = options;
  const refused = readApi && readApiDoor({ ...readApi, credential, nowMs }).refused;
  return lanesDoor({ credential, env, readSecret: secretReader(client), refused, nowMs, dayMs });
}

/**
 * Asks at the end of the promise, and then each second until there is a later token or none that lives. The next
 * call begins it again: a source that nobody uses asks nothing.
 */
function lookAhead(held: HeldToken, nowMs: () => number) {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const isHeld = (token: Token | undefined) => token !== undefined && nowMs() < token.holdUntilMs;
  const look = () => {
    const { token } = held;
    if (timer || isStopped || !token || nowMs() >= token.expiresAtMs) return;
    const wake = async () => {
      // Its promise is longer than a timer, or somebody has got another one meanwhile.
      const isStillHeld = isHeld(held.token);
      if (!isStillHeld) await held.ask({}).catch(() => undefined);
      timer = undefined;
      if (isStillHeld || held.token?.generation === token.generation) look();
    };
    const waitMs = isHeld(token) ? token.holdUntilMs - nowMs() : LOOK_AGAIN_MS;
    timer = setTimeout(wake, Math.min(waitMs, LONGEST_TIMER_MS)).unref();
  };
  const stop = () => {
    isStopped = true;
    clearTimeout(timer);
  };
  return { look, stop };
}
