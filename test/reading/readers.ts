import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createTokenSource, TokenError, type TokenSource } from '../../client/index.ts';
import type { SecretNames } from '../../shared/config/names.ts';
import { type Durations, durations } from '../bench/figures.ts';
import { httpDoor, invokeDoor, lanesDoor, TEMPORARY } from '../integration/doors.ts';
import type { Operator, ReadAnswer } from '../integration/operator.ts';
import type { Door, ReadToken } from '../support/workload.ts';

export interface ReadersParts {
  readonly secretsManager: SecretsManagerClient;
  readonly secrets: SecretNames;
  readonly dayMs: number;
  readonly operator: Operator;
  readonly apiUrl: string;
}

/** What became of the reads at one door. */
export interface DoorFigures {
  readonly door: string;
  /** Reads that brought a token; those of a door that holds tokens are mostly from memory. */
  readonly reads: Durations;
  /** Answers that there is no token now (503, or 409 after a lost chain), or nothing that lives is published. */
  readonly without: number;
  /** Nobody answered: the stack was killed or is starting. */
  readonly away: number;
  /** Tokens handed out when they had expired already. */
  readonly expired: number;
}

/** A `kill -9` may end a chain (the test proves that it did): until a person has fixed it, readers are told so. */
const WITHOUT_TOKEN = [...TEMPORARY, 'credential-lapsed'];

/** Every way to read a token, each with a record of what it gave. */
export function watchedDoors(parts: ReadersParts) {
  const { secretsManager, secrets, dayMs, operator, apiUrl } = parts;
  const watched = [
    watch(onlyLiving(lanesDoor(secretsManager, secrets, dayMs))),
    watch(invokeDoor(operator, WITHOUT_TOKEN)),
    watch(httpDoor(apiUrl, WITHOUT_TOKEN)),
    watch(clientDoor(apiUrl)),
  ];
  return {
    doors: watched.map(({ door }) => door),
    figures: () => watched.map(({ figures }) => figures()),
  };
}

/** A door whose server may be away: then it has no token, which is no failure. */
function watch(door: Door): { readonly door: Door; figures(): DoorFigures } {
  const tookMs: number[] = [];
  const count = { without: 0, away: 0, expired: 0 };
  const read = async (credential: string) => {
    const [fromMs, startMs] = [Date.now(), performance.now()];
    const token = await door.read(credential);
    if (!token) {
      count.without += 1;
      return undefined;
    }
    tookMs.push(performance.now() - startMs);
    if (token.expiresAtMs <= fromMs) count.expired += 1;
    return token;
  };
  return {
    door: {
      name: door.name,
      read: (credential) =>
        read(credential).catch((error) => {
          if (!isAway(error)) throw error;
          count.away += 1;
          return undefined;
        }),
    },
    figures: () => ({ door: door.name, reads: durations(tookMs), ...count }),
  };
}

/** The secrets say when a token ends, and leave it to their reader to look. */
function onlyLiving(door: Door): Door {
  const read = async (credential: string) => {
    const token = await door.read(credential);
    return token && Date.now() < token.expiresAtMs ? token : undefined;
  };
  return { name: door.name, read };
}

function isAway(error: unknown): boolean {
  const { name, code, message, cause } = error as Error & { code?: string; cause?: { code?: string } };
  const said = [name, code, message, cause?.code].join(' ');
  // The endpoint answers a moment before its functions are there.
  return /ResourceNotFoundException|Runtime\.ExitError|ECONNREFUSED|ECONNRESET|EPIPE|UND_ERR_SOCKET|TimeoutError|socket hang up/.test(
    said,
  );
}

/** The client library, one source for all readers of a credential, as in one process of a workload. */
function clientDoor(apiUrl: string): Door {
  const sources = new Map<string, Opened>();
  return {
    name: 'client',
    async read(credential): Promise<ReadToken | undefined> {
      const opened = sources.get(credential) ?? openSource(apiUrl, credential);
      sources.set(credential, opened);
      try {
        const { accessToken, generation, holdUntilMs: refreshAfterMs } = await opened.source.getToken();
        const expiresAtMs = opened.expiries.get(generation) ?? 0;
        return { accessToken, generation, expiresAtMs, refreshAfterMs, readFromMs: opened.askedAtMs };
      } catch (error) {
        const isWithout =
          error instanceof TokenError && (error.isTemporary || WITHOUT_TOKEN.includes(error.code));
        if (isWithout) return undefined;
        throw error;
      }
    },
  };
}

interface Opened {
  readonly source: TokenSource;
  /** What was held before goes on being served while nobody answers: it was read when somebody did. */
  readonly askedAtMs: number;
  /** By generation, as the read API said; the client itself goes by whole seconds, counted from its question. */
  readonly expiries: ReadonlyMap<number, number>;
}

function openSource(url: string, credential: string): Opened {
  const expiries = new Map<number, number>();
  let askedAtMs = 0;
  const noting = async (input: string, init: RequestInit) => {
    const startMs = Date.now();
    const response = await fetch(input, init);
    if (response.ok || response.status === 304) askedAtMs = startMs;
    if (response.ok) {
      const { generation, expires_at } = (await response.clone().json()) as ReadAnswer;
      expiries.set(generation, Date.parse(expires_at));
    }
    return response;
  };
  const source = createTokenSource({ via: 'read-api', url, credential, fetch: noting });
  return {
    source,
    expiries,
    get askedAtMs() {
      return askedAtMs;
    },
  };
}
