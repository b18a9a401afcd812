import { bs2 } from './bs2.ts';
import { bsn } from './bsn.ts';
import { oauth2 } from './oauth2.ts';
import type { ProviderProfile } from './profile.ts';

/** Every provider that can be registered, by name. */
export const profiles: ReadonlyMap<string, ProviderProfile> = new Map(
  [bs2, bsn, oauth2].map((profile) => [profile.provider, profile]),
);

/** The words by which a provider says that there were too many requests, without a 429. */
export function throttleWordsOf(provider: string | undefined): readonly string[] | undefined {
  return provider === undefined ? undefined : profiles.get(provider)?.throttleWords;
}
