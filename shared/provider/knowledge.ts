/**
 * Facts that are good to know of a provider, in the order in which they are told. Each profile either has a fact or
 * names it as unknown; `setting` is what an operator gives who has found it out.
 */
export const PROVIDER_FACTS = {
  'authorize-url': { what: 'where its users log in', setting: undefined },
  'access-token-life': {
    what: 'how long an access token lives when an answer does not say it',
    setting: 'access_token_seconds',
  },
  'refresh-token-life': { what: 'how long a refresh token lives', setting: 'refresh_token_seconds' },
  rotation: { what: 'whether a refresh replaces the refresh token', setting: undefined },
  grace: { what: 'whether a replaced refresh token is taken again for a while', setting: undefined },
  quota: { what: 'how many token requests it takes', setting: 'quota' },
} as const satisfies Readonly<Record<string, { readonly what: string; readonly setting?: string }>>;

export type ProviderFact = keyof typeof PROVIDER_FACTS;

/** A page that was read. */
export interface Source {
  readonly url: string;
  /** What was taken from it. */
  readonly of: string;
  /** Somebody else's page, which quotes or uses the provider's. */
  readonly secondHand?: true;
}

/** What people must know of a provider before they rely on it. Sentences in plain English. */
export interface ProviderKnowledge {
  /** Who that is, as people write it. */
  readonly title: string;
  /** How the first refresh token, or the client, is got. */
  readonly firstToken: string;
  /** What ends a chain, or a client, before its time. */
  readonly endsEarly: readonly string[];
  /** What else there is to know. */
  readonly notes?: readonly string[];
  /** Facts that no page says, or that its pages contradict. */
  readonly unknown: readonly ProviderFact[];
  readonly sources: readonly Source[];
  /** The day on which the sources were read (RFC 3339). */
  readonly readOn: string;
  /** `sandbox`: its rules are played, and a day and a week of it are tests. `documents`: its pages alone were read. */
  readonly tried: 'sandbox' | 'documents';
}
