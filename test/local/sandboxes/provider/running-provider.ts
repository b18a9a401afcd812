import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { type Bs2Options, createBs2Provider } from '../../../../local/sandboxes/bs2/bs2-provider.ts';
import type { ProviderEvent } from '../../../../local/sandboxes/provider/provider.ts';
import { ManualClock } from '../../../support/fakes/manual-clock.ts';

export const CLIENT = {
  client_id: 'fake-client-id-1',
  client_secret: 'fake-client-secret-1',
  scope: 'fake.charges.read fake.charges.write',
};

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

export interface Pair {
  access_token: string;
  token_type: string;
  expires_in: number;
  refresh_token: string;
  scope: string;
}

/** A provider sandbox on a free port with a clock that the test moves, closed when the test ends. */
export async function runProvider(context: TestContext, options: Partial<Bs2Options> = {}) {
  const clock = new ManualClock();
  const events: ProviderEvent[] = [];
  const provider = createBs2Provider({
    clock,
    env: 'prd',
    scale: 1,
    onEvent: (event) => events.push(event),
    ...options,
  });
  const server = createServer(provider.listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    server.closeAllConnections();
    if (server.listening) await new Promise((closed) => server.close(closed));
  };
  context.after(stop);

  const postJson = (path: string, body: unknown) =>
    fetch(url + path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });

  /** A token request with CLIENT's credentials and scope, changed by `changes` (undefined: left out). */
  const refresh = (refreshToken: string, changes: Record<string, string | undefined> = {}) => {
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken, ...CLIENT, ...changes };
    const sent = Object.entries(form).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return fetch(`${url}/auth/oauth/v2/token`, { method: 'POST', body: new URLSearchParams(sent) });
  };

  return {
    clock,
    events,
    url,
    stop,
    postJson,
    refresh,
    stats: async () => (await fetch(`${url}/_sandbox/stats`)).json() as Promise<Record<string, number>>,
    grant: async (client = CLIENT) =>
      ((await (await postJson('/_sandbox/refresh-tokens', client)).json()) as Pick<Pair, 'refresh_token'>)
        .refresh_token,
    refreshed: async (refreshToken: string) => {
      const response = await refresh(refreshToken);
      if (response.status !== 200) throw new Error(`expected a pair, got HTTP ${response.status}`);
      return (await response.json()) as Pair;
    },
    open: async (accessToken: string) =>
      (await fetch(`${url}/resource`, { headers: { Authorization: `Bearer ${accessToken}` } })).status,
  };
}

/** Status and `error` of a refusal. */
export async function refusal(response: Response): Promise<[number, string]> {
  const { error } = (await response.json()) as { error: string };
  return [response.status, error];
}
