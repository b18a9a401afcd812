/**
 * What the sandbox needs to play a provider and its profile does not say: values of the members of its answers, and
 * how it behaves where its pages leave that open. Times in seconds at scale 1.
 */
export interface Oddities {
  /** Where the profile does not say it, or says `sometimes`. */
  readonly rotation?: 'grace' | 'none';
  readonly graceSeconds?: number;
  readonly members?: Readonly<Record<string, unknown>>;
  readonly redirectMembers?: Readonly<Record<string, string>>;
}

const DAY = 86_400;

/** By the name of the profile. A profile without an entry is played by what it says alone. */
export const ODDITIES: Readonly<Record<string, Oddities>> = {
  // "The value changes about once a day": here at each refresh, and the one before works for that day.
  quickbooks: { rotation: 'grace', graceSeconds: DAY, redirectMembers: { realmId: '4620816365' } },
  hubspot: { members: { hub_id: 1_234_567, user_id: 293_199 } },
  zoho: {
    members: { api_domain: 'https://www.zohoapis.example' },
    redirectMembers: { 'accounts-server': 'https://accounts.zoho.example', location: 'us' },
  },
  'mercado-livre': { members: { user_id: 8_035_443 } },
  'mercado-pago': { members: { user_id: 8_035_443, public_key: 'fake-public-key' } },
  salesforce: {
    rotation: 'none',
    members: {
      instance_url: 'https://sandbox.my.salesforce.example',
      id: 'https://login.salesforce.example/id/00Dx0000000BV7z/005x00000012Q9P',
      issued_at: '1278448384422',
    },
  },
  spotify: { rotation: 'none' },
  gong: { members: { api_base_url_for_customer: 'https://company.api.gong.example' } },
};
