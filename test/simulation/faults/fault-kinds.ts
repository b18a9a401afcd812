import type { CallFault, ProviderFault, ProviderManners, Span } from './faults.ts';
import type { OutagePlan } from './outages.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** One kind of trouble, alone. */
export interface FaultKind {
  /** For the report: what happens, and how often. */
  readonly says: string;
  /** For minutes each request meets this. */
  readonly spell?: { readonly fault: ProviderFault['do']; readonly plan: OutagePlan };
  /** Chance of each request at the provider, and at each await of a container. */
  readonly atProvider?: Partial<Record<ProviderFault['do'], number>>;
  readonly atCall?: Partial<Record<CallFault['do'], number>>;
  readonly manners?: Partial<ProviderManners>;
  /** How late each tick comes. */
  readonly ticks?: Span;
}

/** A bad quarter of an hour: in each run of hours there are several. */
const QUARTERS: OutagePlan = {
  everyMs: 60 * MINUTE_MS,
  fromMs: 5 * MINUTE_MS,
  toMs: 15 * MINUTE_MS,
  restMs: 30 * MINUTE_MS,
};
/** Answers that never come although the provider has rotated. */
const LOST_ANSWERS = { 'reset-after': 0.01, 'error-after': 0.01, 'slow-after': 0.01 } as const;

/** The kinds that `--faults` takes by name. */
export const FAULT_KINDS = {
  'no-token': {
    says: '2xx without a token for 5 to 15 minutes, half an hour to some hours apart',
    spell: { fault: 'no-token', plan: QUARTERS },
  },
  'stray-refusal': {
    says: 'invalid_grant for a good refresh token, 2 % of requests, no grant twice in a row',
    atProvider: { 'refuse-one': 0.02 },
  },
  'mass-refusal': {
    says: 'invalid_grant for every refresh token for 5 to 15 minutes, half an hour to some hours apart',
    spell: { fault: 'refuse-all', plan: QUARTERS },
  },
  'bare-4xx': {
    says: '4xx without an OAuth code for 5 to 15 minutes, half an hour to some hours apart',
    spell: { fault: 'bare-4xx', plan: QUARTERS },
  },
  'retry-after': {
    says: '429 with Retry-After of up to 15 minutes: stray ones, 0.5 % of requests, and blocks that early requests prolong, 0.1 %',
    atProvider: { throttle: 0.005, block: 0.001 },
  },
  'aged-seeds': {
    says: 'the refresh token of a login has 10 minutes to 48 hours left; answers are lost, 2 % of requests',
    atProvider: LOST_ANSWERS,
    manners: { seedAge: { fromMs: 0, toMs: 48 * HOUR_MS - 10 * MINUTE_MS } },
  },
  'changing-lives': {
    says: 'each answer states other lives: access tokens 150 s to 2 h, refresh tokens 10 min to 48 h',
    manners: {
      lives: {
        access: { fromMs: 150 * SECOND_MS, toMs: 2 * HOUR_MS },
        refresh: { fromMs: 10 * MINUTE_MS, toMs: 48 * HOUR_MS },
      },
    },
  },
  'slow-answers': {
    says: 'the provider takes 0.1 to 1 s for each answer',
    manners: { answers: { fromMs: 100, toMs: SECOND_MS } },
  },
  'late-requests': {
    says: 'each request takes up to 2 s to arrive at the provider',
    manners: { arrives: { fromMs: 0, toMs: 2 * SECOND_MS } },
  },
  'uneven-ticks': {
    says: 'each tick comes up to 0.6 s late',
    ticks: { fromMs: 0, toMs: 600 },
  },
  grace: {
    says: 'a replaced refresh token is good for half an hour more; answers are lost, 2 % of requests; crashes, 0.04 % of awaits',
    atProvider: LOST_ANSWERS,
    atCall: { crash: 0.0004 },
    manners: { keepsOld: 'half-an-hour' },
  },
  'old-until-used': {
    says: 'a replaced refresh token is good until the new one is used; answers are lost, 2 % of requests; crashes, 0.04 % of awaits',
    atProvider: LOST_ANSWERS,
    atCall: { crash: 0.0004 },
    manners: { keepsOld: 'until-used' },
  },
  'reuse-revokes': {
    says: 'a second use of a refresh token revokes its family; processes crash and freeze, requests land late or twice',
    atProvider: { 'slow-before': 0.02, 'slow-after': 0.02, 'reset-before': 0.01 },
    atCall: { crash: 0.0004, freeze: 0.001, error: 0.005, slow: 0.01, twice: 0.005, late: 0.002 },
    manners: { detectsReuse: true },
  },
} as const satisfies Readonly<Record<string, FaultKind>>;

export type FaultKindName = keyof typeof FAULT_KINDS;

export const FAULT_KIND_NAMES = Object.keys(FAULT_KINDS) as FaultKindName[];

export function isFaultKind(name: string): name is FaultKindName {
  return Object.hasOwn(FAULT_KINDS, name);
}
