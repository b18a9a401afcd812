import { bs2 } from './bs2.ts';
import type { ProviderProfile } from './profile.ts';

/** Every provider that can be registered, by name. */
export const profiles: ReadonlyMap<string, ProviderProfile> = new Map(
  [bs2].map((profile) => [profile.provider, profile]),
);
