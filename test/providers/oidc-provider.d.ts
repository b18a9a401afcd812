/** oidc-provider ships no types; what the tests use of it. */
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http';

  interface Saved {
    save(): Promise<string>;
  }

  interface Found {
    readonly isExpired: boolean;
    readonly remainingTTL: number;
  }

  export default class Provider {
    constructor(issuer: string, configuration: object);
    callback(): RequestListener;
    readonly Client: { find(id: string): Promise<object | undefined> };
    readonly Grant: new (grant: {
      accountId: string;
      clientId: string;
    }) => Saved & { addOIDCScope(scope: string): void };
    readonly RefreshToken: new (
      token: object,
    ) => Saved;
    readonly AccessToken: { find(token: string): Promise<Found | undefined> };
    readonly ClientCredentials: { find(token: string): Promise<Found | undefined> };
  }
}
