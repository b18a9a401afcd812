import type { CredentialRecord } from '../credential/credential.ts';
import type { CredentialSettings } from '../credential/settings.ts';
import type { AdminContext } from './context.ts';
import { profileOf, profileSettings } from './settings.ts';

/** The settings that can be taken back, as operators name them, and the members of the record that hold each. */
const CLEARED = {
  refresh_url: ['refreshUrl'],
  network_url: ['networkUrl'],
  scope: ['scope'],
  refresh_scope: ['refreshScope'],
  grant_type: ['grantType'],
  extra: ['extra'],
  user_agent: ['userAgent'],
  headers: ['headers'],
  body: ['body'],
  method: ['method'],
  ca: ['ca'],
  answer_seconds: ['answerSeconds'],
  quota: ['quota'],
  access_token_seconds: ['defaultAccessTokenMs', 'accessTokenMaxMs'],
  refresh_before_seconds: ['refreshBeforeMs'],
  refresh_token_seconds: ['refreshTokenMs'],
  refresh_token_lifetime: ['refreshTokenLifetime'],
  fields: ['fields'],
  tags: ['tags'],
} as const satisfies Readonly<Record<string, readonly (keyof CredentialSettings)[]>>;

export type ClearableSetting = keyof typeof CLEARED;

/** The one list: requests, commands and documents derive from it. */
export const CLEARABLE_SETTINGS = Object.keys(CLEARED) as [ClearableSetting, ...ClearableSetting[]];

/** A record whose settings are again as if they had not been given: what the profile knows, or none. Pure. */
export function withCleared(
  context: Pick<AdminContext, 'env' | 'timing' | 'reach'>,
  record: CredentialRecord,
  names: readonly ClearableSetting[],
): CredentialRecord {
  if (names.length === 0) return record;
  const known: Partial<CredentialSettings> = profileSettings(context, profileOf(record.provider), record);
  const members = names.flatMap((name) => CLEARED[name].map((member) => [member, known[member]] as const));
  return { ...record, ...Object.fromEntries(members) };
}
