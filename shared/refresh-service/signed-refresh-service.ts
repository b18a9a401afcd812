import * as v from 'valibot';
import { type AwsCredentials, signV4 } from '../aws-signature/sign-v4.ts';
import type { Clock } from '../clock/clock.ts';
import type { RefreshResult } from '../refresh/context.ts';
import { RefreshAnswer } from './answers.ts';
import type { SentMessage } from './messages.ts';
import { type RefreshRequest, type RefreshService, RefreshServiceError } from './refresh-service.ts';

export interface SignedRefreshServiceOptions {
  /** A name, `name:alias`, or an ARN. */
  readonly functionName: string;
  /** Base URL of Lambda, without a slash at its end. */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: () => AwsCredentials;
  readonly clock: Clock;
}

const LONGEST_MS = 60_000;

/**
 * Asks the refresh function by Lambda Invoke, in one signed request that is never resent: the read function's
 * whole use of Lambda, for which the SDK's client would be a fifth of its cold start.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export class SignedRefreshService implements Pick<RefreshService, 'refresh'> {
  readonly #options: SignedRefreshServiceOptions;

  constructor(options: SignedRefreshServiceOptions) {
    this.#options = options;
  }

  async refresh(request: RefreshRequest): Promise<RefreshResult> {
    const { credential, force, ifGeneration: if_generation, refused, waitMs: wait_ms } = request;
    const message = { action: 'refresh', credential, force, if_generation, refused, wait_ms } as const;
    const { functionName } = this.#options;
    try {
      const answer = await this.#invoke(message);
      if (answer.ok && !answer.headers.has('x-amz-function-error'))
        return v.parse(RefreshAnswer, await answer.json());
    } catch {
      // Whatever it was, it is told as one: the cause may hold the request.
    }
    throw new RefreshServiceError(
      `The function ${functionName} failed or could not be invoked; see its log.`,
    );
  }

  async #invoke(message: SentMessage): Promise<Response> {
    const { functionName, endpoint, region, credentials, clock } = this.#options;
    // Encoded as the SDK does: what is signed is the path as it is sent, encoded once more.
    const url = new URL(`${endpoint}/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`);
    const request = {
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(message),
    };
    const scope = { credentials: credentials(), region, service: 'lambda', nowMs: clock.nowMs() };
    const signal = AbortSignal.timeout(LONGEST_MS);
    const headers = signV4(request, scope);
    return fetch(url, { ...request, headers, signal, redirect: 'error' });
  }
}
