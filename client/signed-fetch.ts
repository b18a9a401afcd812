import { type AwsCredentials, signV4 } from '../shared/aws-signature/sign-v4.ts';
import { clockErrorMs } from './refused-signature.ts';
import { assertSecure } from './secure-url.ts';
import { failureCode, TokenError } from './token-error.ts';
import { defaultFetch, type Fetch } from './transport.ts';

export interface SignedFetchOptions {
  readonly region: string;
  /** The caller's credentials, asked for at every request: temporary ones are replaced in time. */
  readonly credentials: () => AwsCredentials | Promise<AwsCredentials>;
  readonly fetch?: Fetch;
  readonly nowMs?: () => number;
}

/** How far signatures of a fetch are from the caller's clock. */
const corrections = new WeakMap<Fetch, () => number>();

/** How far `fetch` has corrected the clock of its signatures; 0 for one that signs nothing. */
export function clockCorrectionMs(fetch: Fetch): number {
  return corrections.get(fetch)?.() ?? 0;
}

/**
 * A `fetch` that signs requests to an API Gateway with IAM authorization (Signature Version 4), by https only or to
 * this machine. When they are refused and the answer's `Date` tells that the clock is wrong, they are signed once more
 * by the right time, and so are all that follow. Rejects with `TokenError` when there are no credentials.
 */
export function signedFetch(options: SignedFetchOptions): Fetch {
  const { region, fetch = defaultFetch, nowMs = Date.now } = options;
  let correctionMs = 0;
  const correctedMs = () => nowMs() + correctionMs;

  const signed: Fetch = async (address, init) => {
    const url = new URL(address);
    assertSecure(url);
    const credentials = await loaded(options.credentials);
    const send = () => {
      const scope = { credentials, region, service: 'execute-api', nowMs: correctedMs() };
      return fetch(address, { ...init, headers: signV4({ ...init, url }, scope), redirect: 'manual' });
    };
    const response = await send();
    if (response.status !== 401 && response.status !== 403) return response;
    const offMs = clockErrorMs(response, correctedMs());
    if (offMs === undefined) return response;
    correctionMs += offMs;
    await response.body?.cancel();
    return send();
  };
  corrections.set(signed, () => correctionMs);
  return signed;
}

async function loaded(credentials: SignedFetchOptions['credentials']): Promise<AwsCredentials> {
  try {
    return await credentials();
  } catch (error) {
    const code = failureCode(error);
    const message = `The AWS credentials cannot be loaded${code === undefined ? '' : ` (${code})`}: sign in, or check the role.`;
    throw new TokenError('expired-credentials', message, { isTemporary: true });
  }
}
