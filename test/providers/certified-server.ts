import { mock, type TestContext } from 'node:test';
import Provider from 'oidc-provider';
import type { ProviderWorld } from './provider-world.ts';

export const CLIENT = { client_id: 'fake-client', client_secret: 'fake-secret with :% in it' };
/** Of a program on a person's machine: any port of loopback (RFC 8252 §7.3). */
export const NATIVE_CLIENT = { client_id: 'fake-native-client', client_secret: 'fake-native-secret' };
export const PUBLIC_CLIENT = { client_id: 'fake-public-client' };

const REFRESH_TOKEN_SECONDS = 24 * 60 * 60;

interface RefreshContextOf {
  readonly oidc?: { readonly entities: { readonly RotatedRefreshToken?: { readonly remainingTTL: number } } };
}

export interface CertifiedOptions {
  readonly accessTokenSeconds?: number;
  readonly rotates?: boolean;
  /** A new refresh token ends when the first would have. */
  readonly endsWithFirst?: boolean;
  /** Persons log in with a browser, on the pages that it has for developers. */
  readonly persons?: boolean;
}

/**
 * oidc-provider as it comes: refresh tokens rotate, and the reuse of one revokes its grant. Only lifetimes and
 * clients are configured.
 */
export function certifiedServer(issuer: string, options: CertifiedOptions = {}) {
  const { accessTokenSeconds = 600, rotates = true, endsWithFirst = false, persons = false } = options;
  const server = new Provider(issuer, {
    clients: [
      clientOf({ ...CLIENT, token_endpoint_auth_method: 'client_secret_basic' }),
      clientOf({
        ...CLIENT,
        client_id: 'fake-post-client',
        token_endpoint_auth_method: 'client_secret_post',
      }),
      clientOf({ ...PUBLIC_CLIENT, token_endpoint_auth_method: 'none' }),
      clientOf({
        ...NATIVE_CLIENT,
        application_type: 'native',
        redirect_uris: ['http://127.0.0.1/callback'],
      }),
    ],
    rotateRefreshToken: rotates,
    findAccount: (_: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
    features: { devInteractions: { enabled: persons }, clientCredentials: { enabled: true } },
    ttl: {
      AccessToken: accessTokenSeconds,
      ClientCredentials: accessTokenSeconds,
      Grant: 30 * REFRESH_TOKEN_SECONDS,
      RefreshToken: (context?: RefreshContextOf) =>
        (endsWithFirst && context?.oidc?.entities.RotatedRefreshToken?.remainingTTL) || REFRESH_TOKEN_SECONDS,
    },
    cookies: { keys: ['fake-cookie-key'] },
  });
  return {
    listener: server.callback(),
    tokenUrl: `${issuer}/token`,
    /** A refresh token as a browser login would have brought it. */
    async grant(clientId: string = CLIENT.client_id): Promise<string> {
      const accountId = 'fake-account';
      const scope = 'openid offline_access';
      const grant = new server.Grant({ accountId, clientId });
      grant.addOIDCScope(scope);
      const grantId = await grant.save();
      const client = await server.Client.find(clientId);
      const gty = 'authorization_code';
      const token = { client, accountId, grantId, scope, gty, expiresWithSession: false };
      return new server.RefreshToken(token).save();
    },
    /** True if a protected resource would take the token now. */
    async accepts(accessToken: string): Promise<boolean> {
      const found =
        (await server.AccessToken.find(accessToken)) ?? (await server.ClientCredentials.find(accessToken));
      return found !== undefined && !found.isExpired;
    },
  };
}

/** The same in virtual time: it reads `Date`, which is mocked to follow the world's clock. */
export async function startCertifiedServer(
  t: Pick<TestContext, 'after'>,
  world: ProviderWorld,
  options?: CertifiedOptions,
) {
  mock.timers.enable({ apis: ['Date'], now: world.world.clock.nowMs() });
  t.after(() => mock.timers.reset());
  world.onPost = (nowMs) => mock.timers.setTime(nowMs);
  const { promise, resolve } = Promise.withResolvers<ReturnType<typeof certifiedServer>>();
  await world.serveAt((url) => {
    const server = certifiedServer(url, options);
    resolve(server);
    return server.listener;
  });
  const server = await promise;
  return {
    ...server,
    accepts(accessToken: string): Promise<boolean> {
      mock.timers.setTime(world.world.clock.nowMs());
      return server.accepts(accessToken);
    },
  };
}

function clientOf(client: object): object {
  return {
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    redirect_uris: ['https://client.example/callback'],
    ...client,
  };
}
