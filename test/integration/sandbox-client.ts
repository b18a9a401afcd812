import assert from 'node:assert/strict';
import type { FaultOrder } from '../../local/sandboxes/provider/faults.ts';
import type { SandboxStats } from '../../local/sandboxes/provider/sandbox-state.ts';

/** A client as a person would have it from the provider. */
export interface SandboxGrant {
  readonly client: { readonly client_id: string; readonly client_secret: string };
  readonly scope: string;
  readonly refreshToken: string;
}

/** The provider sandbox from outside. */
export interface SandboxClient {
  readonly tokenUrl: string;
  stats(): Promise<SandboxStats>;
  /** Starts a grant for a client of this name. */
  grant(name: string): Promise<SandboxGrant>;
  orderFaults(order: FaultOrder): Promise<void>;
  /** Status of the protected resource: 200, or 401 for a dead token. */
  openResource(accessToken: string): Promise<number>;
}

/** Talks to the sandbox at `url`. */
export function sandboxClient(url: string): SandboxClient {
  const post = async (path: string, body: object): Promise<unknown> => {
    const response = await fetch(url + path, { method: 'POST', body: JSON.stringify(body) });
    assert.equal(response.status, 200, path);
    return response.json();
  };
  return {
    tokenUrl: `${url}/auth/oauth/v2/token`,
    async stats() {
      return (await (await fetch(`${url}/_sandbox/stats`)).json()) as SandboxStats;
    },
    async grant(name) {
      const client = { client_id: `fake-client-${name}`, client_secret: `fake-client-secret-${name}` };
      const scope = 'charges.read charges.write';
      const answer = await post('/_sandbox/refresh-tokens', { ...client, scope });
      return { client, scope, refreshToken: (answer as { refresh_token: string }).refresh_token };
    },
    async orderFaults(order) {
      await post('/_sandbox/faults', order);
    },
    async openResource(accessToken) {
      const response = await fetch(`${url}/resource`, {
        headers: { authorization: `Bearer ${accessToken}` },
      });
      await response.arrayBuffer();
      return response.status;
    },
  };
}
