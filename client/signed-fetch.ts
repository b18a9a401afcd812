import type { AwsCredentials } from '../shared/aws-signature/sign-v4.ts';
import type { Fetch } from './read-api-door.ts';

export interface SignedFetchOptions {
  readonly region: string;
  /** The caller's credentials, asked for at every request: temporary ones are replaced in time. */
  readonly credentials: () => AwsCredentials | Promise<AwsCredentials>;
  readonly fetch?: Fetch;
  readonly nowMs?: () => number;
}

/**
 * A `fetch` that signs requests to an API Gateway with IAM authorization (Signature Version 4). The SDK's signer is
 * loaded with the first request: who does not sign needs no SDK.
 */
export function signedFetch(options: SignedFetchOptions): Fetch {
  const { region, credentials, fetch = globalThis.fetch, nowMs = Date.now } = options;
  return async (url, init) => {
    const { signV4 } = await import('../shared/aws-signature/sign-v4.ts');
    const scope = { credentials: await credentials(), region, service: 'execute-api', nowMs: nowMs() };
    return fetch(url, { ...init, headers: await signV4({ ...init, url: new URL(url) }, scope) });
  };
}
