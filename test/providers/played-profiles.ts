// Every provider of a profile as its sandbox plays it, and the credentials that live on it.
import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { createBs2Provider } from '../../local/sandboxes/bs2/bs2-provider.ts';
import { createBsnProvider } from '../../local/sandboxes/bsn/bsn-provider.ts';
import type { BsnRecord } from '../../local/sandboxes/bsn/bsn-record.ts';
import {
  BSN_CLOUD_NETWORK_PATH,
  type BsnCloudRecord,
  createBsnCloudProvider,
} from '../../local/sandboxes/bsncloud/bsn-cloud-provider.ts';
import { createProfileProvider } from '../../local/sandboxes/profile/profile-rules.ts';
import type { ProviderEvent } from '../../local/sandboxes/provider/provider.ts';
import type { SandboxRecord } from '../../local/sandboxes/provider/sandbox-record.ts';
import type { SandboxStats } from '../../local/sandboxes/provider/sandbox-state.ts';
import type { Clock } from '../../shared/clock/clock.ts';
import { type KnownProvider, plainUrl } from '../../shared/provider/profile.ts';
import { profiles } from '../../shared/provider/profiles.ts';
import { ProviderRecord } from './provider-record.ts';

const SECRET = 'fake-client-secret';
const SCOPE = 'fake.read fake.write';

/** A credential, and the `register` request that it begins with. */
export interface PlayedCredential {
  readonly credential: string;
  /** The client or the user by whom the provider's record knows it. */
  readonly owner: string;
  readonly request: object;
}

export interface PlayedProfile {
  readonly profile: KnownProvider;
  readonly url: string;
  readonly credentials: readonly PlayedCredential[];
  readonly record: ProviderRecord;
  /** Before the routes of the sandbox itself. */
  readonly prefix: string;
  stats(): SandboxStats;
}

/** More than one is asked for where that is the point. */
const HOW_MANY: Readonly<Record<string, number>> = {
  // More than its quota takes in a minute, all due together.
  bling: 25,
  inter: 8,
  bs2: 4,
};
const USUALLY = 2;

export interface PlayOptions {
  readonly clock: Clock;
  readonly serve: (listener: RequestListener) => Promise<string>;
  /** Every time of the provider is divided by it. */
  readonly scale?: number;
  /** How many credentials, if not as many as show what is special about the provider. */
  readonly howMany?: number;
}

/** Starts the sandbox of a profile, and makes its credentials known there. */
export async function playProfile(
  provider: string,
  { clock, serve, scale = 1, howMany = HOW_MANY[provider] ?? USUALLY }: PlayOptions,
): Promise<PlayedProfile> {
  const profile = profiles.get(provider);
  assert.ok(profile, provider);
  const record = new ProviderRecord();
  const onEvent = (event: ProviderEvent) => record.event(event);
  const sandbox = sandboxOf(profile, { clock, record, onEvent, scale });
  const url = await serve(sandbox.listener);
  const numbers = Array.from({ length: howMany }, (_, at) => at + 1);
  const credentials = await Promise.all(
    numbers.map((number) => beginCredential(profile, url, sandbox.tokenPath, number)),
  );
  return { profile, url, credentials, record, prefix: sandbox.prefix, stats: sandbox.stats };
}

interface SandboxParts {
  readonly clock: Clock;
  readonly record: ProviderRecord;
  readonly onEvent: (event: ProviderEvent) => void;
  readonly scale: number;
}

function sandboxOf(profile: KnownProvider, { clock, record, onEvent, scale }: SandboxParts) {
  const parts = { clock, env: 'prd', scale, onEvent } as const;
  const journal = <Entry>() => ({
    entries: [] as Entry[],
    append: (entry: Entry) => record.add(entry as SandboxRecord | BsnRecord),
  });
  switch (profile.provider) {
    case 'bs2': {
      const bs2 = createBs2Provider({ ...parts, journal: journal<SandboxRecord>() });
      return { ...bs2, prefix: '', tokenPath: '/auth/oauth/v2/token' };
    }
    case 'bsn': {
      const bsn = createBsnProvider({ ...parts, journal: journal<BsnRecord>() });
      return { ...bsn, prefix: '/bsn', tokenPath: '/bsn/Token/' };
    }
    case 'bsncloud': {
      const cloud = createBsnCloudProvider({ ...parts, journal: journal<BsnCloudRecord>() });
      return { ...cloud, prefix: '/bsncloud', tokenPath: '/realms/bsncloud/protocol/openid-connect/token' };
    }
    default: {
      const played = createProfileProvider(profile, { ...parts, journal: journal<SandboxRecord>() });
      const known = profile.tokenUrl?.prd;
      const tokenPath = known === undefined ? '/oauth/token' : new URL(plainUrl(known)).pathname;
      return { ...played, prefix: '', tokenPath };
    }
  }
}

async function beginCredential(
  profile: KnownProvider,
  url: string,
  tokenPath: string,
  number: number,
): Promise<PlayedCredential> {
  const { provider, grants, clientAuth, extraRequired = {} } = profile;
  const credential = `${provider}-${number}`;
  const owner = `fake-${credential}`;
  const client = { client_id: owner, client_secret: SECRET };
  const usual = {
    provider,
    token_url: url + tokenPath,
    scope: SCOPE,
    client,
    extra: Object.fromEntries(Object.keys(extraRequired).map((name) => [name, 'fake'])),
    // The sandbox proves no assertions.
    ...(clientAuth === 'private_key_jwt' && { client_auth: 'post' }),
  };
  if (provider === 'bsn') {
    const user = { username: owner, password: 'fake-password' };
    await post(`${url}/bsn/_sandbox/users`, { ...user, networks: ['Lobby', 'Other'] });
    const { scope: _, ...request } = usual;
    return { credential, owner, request: { ...request, client: { ...user, network: 'Lobby' } } };
  }
  if (provider === 'bsncloud') {
    await post(`${url}/bsncloud/_sandbox/clients`, { ...client, networks: ['Lobby'] });
    const { scope: _, ...request } = usual;
    const network_url = url + BSN_CLOUD_NETWORK_PATH;
    return { credential, owner, request: { ...request, network: 'Lobby', network_url } };
  }
  // BS2 with each of its grants, every other with its first.
  const grant =
    (provider === 'bs2' ? ['refresh_token', ...grants][number - 1] : grants[0]) ?? 'refresh_token';
  if (grant === 'refresh_token') {
    const { refresh_token } = await post(`${url}/_sandbox/refresh-tokens`, { ...client, scope: SCOPE });
    return { credential, owner, request: { ...usual, grant, refresh_token } };
  }
  const user = grant === 'password' ? { username: 'fake-user', password: 'fake-password' } : {};
  await post(`${url}/_sandbox/logins`, { ...client, ...user, scope: SCOPE });
  return { credential, owner, request: { ...usual, grant, client: { ...client, ...user } } };
}

export async function post(url: string, body: object): Promise<{ readonly refresh_token?: string }> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  assert.equal(response.status, 200, `${url}: ${await response.clone().text()}`);
  return (await response.json()) as { refresh_token?: string };
}
