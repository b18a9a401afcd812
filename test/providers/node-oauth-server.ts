import type { RequestListener } from 'node:http';
import { mock, type TestContext } from 'node:test';
import OAuth2Server from '@node-oauth/oauth2-server';
import type { ProviderWorld } from './provider-world.ts';

/** The package does not decode what comes by HTTP Basic, as RFC 6749 §2.3.1 wants it: `%` and `+` do not survive. */
export const CLIENT = { client_id: 'fake-client', client_secret: 'fake-secret_with: all. the/rest=' };
export const USER = { username: 'fake-user', password: 'fake-password' };
export interface NodeOauthOptions {
  readonly accessTokenSeconds?: number;
  readonly refreshTokenSeconds?: number;
  readonly rotates?: boolean;
}

/**
 * @node-oauth/oauth2-server as it comes. Its model, which a user of it has to write, is a store and nothing more:
 * what is issued, rotated, refused, and when it expires, the package decides.
 */
export function nodeOauthServer(options: NodeOauthOptions = {}) {
  const { accessTokenSeconds = 300, refreshTokenSeconds = 24 * 60 * 60, rotates = true } = options;
  const server = new OAuth2Server({
    model: new TokenStore(),
    accessTokenLifetime: accessTokenSeconds,
    refreshTokenLifetime: refreshTokenSeconds,
    alwaysIssueNewRefreshToken: rotates,
  });
  const listener: RequestListener = async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const asked = new OAuth2Server.Request({
      method: request.method ?? '',
      headers: request.headers as Record<string, string>,
      query: {},
      body: Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString())),
    });
    const answer = new OAuth2Server.Response({ headers: {} });
    // It writes the refusal into the answer before it throws.
    await server.token(asked, answer).catch(() => undefined);
    response.writeHead(answer.status ?? 500, { ...answer.headers, 'content-type': 'application/json' });
    response.end(JSON.stringify(answer.body));
  };
  return {
    listener,
    /** True if the package would let a request with this token through now. */
    async accepts(accessToken: string): Promise<boolean> {
      const headers = { authorization: `Bearer ${accessToken}` };
      const asked = new OAuth2Server.Request({ method: 'GET', headers, query: {}, body: {} });
      const answer = new OAuth2Server.Response({ headers: {} });
      return server.authenticate(asked, answer).then(
        () => true,
        () => false,
      );
    },
  };
}

/** The same in virtual time: it reads `Date`, which is mocked to follow the world's clock. */
export async function startNodeOauthServer(
  t: Pick<TestContext, 'after'>,
  world: ProviderWorld,
  options?: NodeOauthOptions,
) {
  mock.timers.enable({ apis: ['Date'], now: world.world.clock.nowMs() });
  t.after(() => mock.timers.reset());
  world.onPost = (nowMs) => mock.timers.setTime(nowMs);
  const server = nodeOauthServer(options);
  return {
    tokenUrl: `${await world.serve(server.listener)}/token`,
    accepts(accessToken: string): Promise<boolean> {
      mock.timers.setTime(world.world.clock.nowMs());
      return server.accepts(accessToken);
    },
  };
}

const OAUTH_CLIENT: OAuth2Server.Client = {
  id: CLIENT.client_id,
  grants: ['password', 'refresh_token', 'client_credentials'],
};

class TokenStore implements OAuth2Server.PasswordModel, OAuth2Server.RefreshTokenModel {
  readonly #byAccess = new Map<string, OAuth2Server.Token>();
  readonly #byRefresh = new Map<string, OAuth2Server.Token>();

  async getClient(id: string, secret: string): Promise<OAuth2Server.Client | undefined> {
    return id === CLIENT.client_id && secret === CLIENT.client_secret ? OAUTH_CLIENT : undefined;
  }

  async getUser(username: string, password: string): Promise<OAuth2Server.User | undefined> {
    return username === USER.username && password === USER.password ? { username } : undefined;
  }

  async getUserFromClient(): Promise<OAuth2Server.User> {
    return { username: 'fake-service' };
  }

  async saveToken(token: OAuth2Server.Token, client: OAuth2Server.Client, user: OAuth2Server.User) {
    const saved = { ...token, client, user };
    this.#byAccess.set(saved.accessToken, saved);
    if (saved.refreshToken) this.#byRefresh.set(saved.refreshToken, saved);
    return saved;
  }

  async getAccessToken(accessToken: string): Promise<OAuth2Server.Token | undefined> {
    return this.#byAccess.get(accessToken);
  }

  async getRefreshToken(refreshToken: string): Promise<OAuth2Server.RefreshToken | undefined> {
    const found = this.#byRefresh.get(refreshToken);
    return found && { ...found, refreshToken };
  }

  async revokeToken({ refreshToken }: OAuth2Server.RefreshToken): Promise<boolean> {
    return this.#byRefresh.delete(refreshToken);
  }
}
