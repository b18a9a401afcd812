import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  createTokenSource,
  type Fetch,
  signedFetch,
  TokenError,
  type TokenSource,
} from '../../client/index.ts';
import { UsageError } from '../errors.ts';
import { throughProxy } from '../invoke/aws-connection.ts';
import { assertProfileExists } from '../invoke/aws-profile.ts';
import type { Target } from '../target.ts';

export type Via = 'secrets-manager' | 'read-api';

export interface AgentDoor {
  readonly via: Via;
  /** Base URL of the read API; absent: refused tokens are not reported, or it is that of the local stack. */
  readonly url?: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
const LOOPBACK = /^https?:\/\/(?:127(?:\.\d{1,3}){3}|localhost|\[::1\])(?::|\/|$)/i;

/** A source of tokens for each credential. Rejects with `UsageError`, or as {@link assertProfileExists}. */
export async function agentSources(
  credentials: readonly string[],
  { via, ...door }: AgentDoor,
  target: Target,
): Promise<ReadonlyMap<string, TokenSource>> {
  const url = door.url ?? localApiUrl(target);
  if (via === 'read-api' && url === undefined) {
    throw new UsageError('--via read-api needs --url, the stack\'s output "ReadApiUrl"');
  }
  if (!target.localEndpoint) await assertProfileExists();
  const client = new SecretsManagerClient(
    target.localEndpoint
      ? { endpoint: target.localEndpoint, region: 'us-east-1', credentials: LOCAL_CREDENTIALS }
      : { requestHandler: throughProxy() },
  );
  const readApi = url === undefined ? undefined : { url, fetch: fetchFor(url, client) };
  const dayMs = target.localEndpoint && url ? DAY_MS / (await localScale(url)) : DAY_MS;
  const sourceOf = (credential: string) =>
    via === 'read-api' && readApi
      ? createTokenSource({ credential, via, ...readApi })
      : createTokenSource({ credential, via: 'secrets-manager', env: target.env, client, readApi, dayMs });
  try {
    return new Map(credentials.map((credential) => [credential, sourceOf(credential)]));
  } catch (error) {
    if (error instanceof TokenError) throw new UsageError(`--url: ${error.message.replace(/^url: /, '')}`);
    throw error;
  }
}

/** Requests to AWS are signed as those of the SDK are; those to this machine are not. */
function fetchFor(url: string, { config }: SecretsManagerClient): Fetch | undefined {
  if (LOOPBACK.test(url)) return undefined;
  const named = /\.execute-api(?:-fips)?\.([a-z0-9-]+)\./.exec(url)?.[1];
  let signed: Fetch | undefined;
  return async (address, init) => {
    const region = named ?? (await config.region());
    signed ??= signedFetch({ region, credentials: () => config.credentials() });
    return signed(address, init);
  };
}

/** The read API of a local stack that was started without ports, or with those that follow each other. */
function localApiUrl({ localEndpoint }: Target): string | undefined {
  if (localEndpoint === undefined) return undefined;
  const { port } = new URL(localEndpoint);
  return `http://127.0.0.1:${Number(port) + 1}`;
}

/** By how much the day of a local stack is shorter. */
async function localScale(url: string): Promise<number> {
  try {
    const { scale } = (await (await fetch(`${url}/healthz`)).json()) as { readonly scale?: unknown };
    return typeof scale === 'number' && scale > 0 ? scale : 1;
  } catch {
    return 1;
  }
}
