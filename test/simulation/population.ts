import type { Mode } from '../../shared/credential/settings.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Who reads the tokens of a credential. */
export interface Readers {
  /** At the published secret. Every second one holds a token until `refresh_after`. */
  readonly secrets: number;
  /** At the read function. */
  readonly read: number;
  /** Mean time between two reads of one reader. */
  readonly everyMs: number;
}

/** Credentials that are alike. */
export interface Population {
  readonly count: number;
  readonly mode: Mode;
  /** Name of the provider; the credentials of one share its token URL and its quota. */
  readonly provider: string;
  readonly quota?: { readonly limit: number; readonly windowMs: number };
  readonly accessLifeMs: number;
  /** Absent: the refresh token has no end. */
  readonly refreshLifeMs?: number;
  /** Each answer states the life of the refresh token; otherwise it is registered. */
  readonly statesRefreshLife: boolean;
  /** What was registered as that life, if it is not what it is. */
  readonly registeredRefreshLifeMs?: number;
  /** So long before the end of the access token it is due; absent: at half of its life. */
  readonly refreshBeforeMs?: number;
  readonly readers: Readers;
}

/** The populations of a run, by credential. */
export class Populations {
  readonly ids: readonly string[];
  readonly #of = new Map<string, Population>();
  readonly #byTokenUrl = new Map<string, Population>();

  constructor(populations: readonly Population[]) {
    for (const population of populations) {
      this.#byTokenUrl.set(tokenUrlOf(population), population);
      for (let index = 0; index < population.count; index += 1) {
        this.#of.set(`credential-${this.#of.size + 1}`, population);
      }
    }
    this.ids = [...this.#of.keys()];
  }

  of(credential: string): Population {
    const population = this.#of.get(credential);
    if (!population) throw new RangeError(`no population has ${credential}`);
    return population;
  }

  /** The quota of a token URL, which all populations of that provider share. */
  endpointOf(tokenUrl: string): { readonly limit?: number; readonly windowMs: number } {
    return this.#byTokenUrl.get(tokenUrl)?.quota ?? { windowMs: MINUTE_MS };
  }
}

export function tokenUrlOf({ provider }: Pick<Population, 'provider'>): string {
  return `https://${provider}.example/auth/oauth/v2/token`;
}

/** Credentials of BS2: 10 requests in any minute, 5 or 7 minutes, 48 hours. */
export function bs2Population(env: 'hml' | 'prd', count: number): Population {
  return {
    count,
    mode: 'fresh',
    provider: 'bs2',
    quota: { limit: 10, windowMs: MINUTE_MS },
    accessLifeMs: (env === 'prd' ? 5 : 7) * MINUTE_MS,
    refreshLifeMs: 48 * HOUR_MS,
    statesRefreshLife: false,
    readers: { secrets: 2, read: 1, everyMs: 4 * MINUTE_MS },
  };
}

/** Chains of BS2 on a quota of their own, each read every four hours: as a rule its token has expired by then. */
export function chainsOnDemand(provider: string, count: number): Population {
  return {
    ...bs2Population('prd', count),
    provider,
    mode: 'on-demand',
    readers: { secrets: 0, read: 1, everyMs: 4 * HOUR_MS },
  };
}
