import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { type BsnProviderOptions, createBsnProvider } from '../../../../local/sandboxes/bsn/bsn-provider.ts';
import { ManualClock } from '../../../support/fakes/manual-clock.ts';

export const USER = {
  username: 'exampleUser@brightsign.example',
  password: 'fake-password-1',
  networks: ['exampleNetwork', 'otherNetwork'],
};

export const MINUTE_MS = 60_000;

export interface BsnAnswer {
  readonly access_token: string;
  readonly expires_in: number;
  readonly refresh_token: string;
  readonly scope: readonly string[];
  readonly networkNames: readonly string[];
  readonly [member: string]: unknown;
}

/** A BSN sandbox with one user on a free port, with a clock that the test moves. */
export async function runBsn(t: Pick<TestContext, 'after'>, options: Partial<BsnProviderOptions> = {}) {
  const clock = new ManualClock();
  let drawn = 0;
  const random = { id: () => `fake-guid-${++drawn}`, fraction: () => ((drawn * 7) % 10) / 10 };
  const provider = createBsnProvider({ clock, scale: 1, random, ...options });
  const server = createServer(provider.listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = async () => {
    server.closeAllConnections();
    if (server.listening) await new Promise((closed) => server.close(closed));
  };
  t.after(stop);

  const postJson = (path: string, body: unknown) =>
    fetch(url + path, { method: 'POST', body: JSON.stringify(body) });
  const post = (form: Record<string, string>, path = '/bsn/token') =>
    fetch(url + path, { method: 'POST', body: new URLSearchParams(form) });
  const login = (changes: Record<string, string> = {}) => {
    const { username, password } = USER;
    return post({ grant_type: 'password', username, password, ...changes });
  };
  const refresh = (refreshToken: string) =>
    post({ grant_type: 'refresh_token', refresh_token: refreshToken });
  const answered = async (response: Response | Promise<Response>) => {
    const { status } = await response;
    if (status !== 200) throw new Error(`expected tokens, got HTTP ${status}`);
    return (await (await response).json()) as BsnAnswer;
  };
  await postJson('/bsn/_sandbox/users', USER);
  return {
    clock,
    url,
    stop,
    postJson,
    post,
    login,
    refresh,
    loggedIn: (changes?: Record<string, string>) => answered(login(changes)),
    refreshed: (refreshToken: string) => answered(refresh(refreshToken)),
    stats: async () => (await fetch(`${url}/bsn/_sandbox/stats`)).json() as Promise<Record<string, number>>,
    open: async (accessToken: string) =>
      (await fetch(`${url}/bsn/resource`, { headers: { authorization: `Bearer ${accessToken}` } })).status,
  };
}
