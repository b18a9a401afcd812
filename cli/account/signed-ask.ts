import { awsEndpoint } from '../../shared/aws-signature/aws-endpoint.ts';
import { type AwsCredentials, signV4 } from '../../shared/aws-signature/sign-v4.ts';
import type { Clock } from '../../shared/clock/clock.ts';
import type { AskAws, AwsQuestion, AwsService } from './ask-aws.ts';

export interface SignedAskOptions {
  readonly region: () => Promise<string>;
  readonly credentials: () => Promise<AwsCredentials>;
  readonly clock: Clock;
  /** Stands for all of AWS: the local stack, or `AWS_ENDPOINT_URL`. */
  readonly endpoint?: string;
}

/** A service that does not answer for so long is not waited for: there are others to look at. */
const LONGEST_MS = 10_000;

/**
 * Asks AWS by signed requests: what `doctor` looks at belongs to ten services, each for one question, and ten clients
 * of the SDK would be most of the program.
 */
export function signedAsk(options: SignedAskOptions): AskAws {
  return async (question) => {
    try {
      const response = await sent(question, options);
      const text = await response.text();
      if (response.ok) return { ok: true, text };
      return { ok: false, code: codeOf(response.headers.get('x-amzn-errortype'), text) };
    } catch (error) {
      return {
        ok: false,
        code: error instanceof Error && error.name === 'TimeoutError' ? 'TimeoutError' : 'no-answer',
      };
    }
  };
}

async function sent(question: AwsQuestion, options: SignedAskOptions): Promise<Response> {
  const { service, method, path, headers = {}, body } = question;
  const { host, ...place } = placeOf(service, await options.region());
  const url = new URL(`${options.endpoint ?? host}${path}`);
  const request = { method, url, headers, ...(body !== undefined && { body }) };
  const scope = { ...place, credentials: await options.credentials(), nowMs: options.clock.nowMs() };
  return fetch(url, {
    ...request,
    headers: signV4(request, scope),
    redirect: 'error',
    signal: AbortSignal.timeout(LONGEST_MS),
  });
}

/** Where a service answers, and what a signature for it says. IAM is one for all regions of a partition. */
function placeOf(name: AwsService, region: string) {
  const service = name === 'cloudwatch' ? 'monitoring' : name;
  if (service !== 'iam') return { host: awsEndpoint(service, { region }), region, service };
  if (region.startsWith('cn-')) {
    return { host: 'https://iam.cn-north-1.amazonaws.com.cn', region: 'cn-north-1', service };
  }
  return region.startsWith('us-gov-')
    ? { host: 'https://iam.us-gov.amazonaws.com', region: 'us-gov-west-1', service }
    : { host: 'https://iam.amazonaws.com', region: 'us-east-1', service };
}

/** The code of an error in any of AWS's protocols, if it is a word; its message is not repeated. */
function codeOf(header: string | null, text: string): string {
  const named =
    header ??
    /"(?:__type|code|Code)"\s*:\s*"([^"]+)"/.exec(text)?.[1] ??
    /<Code>([^<]+)<\/Code>/.exec(text)?.[1];
  const word = named?.split(':')[0]?.split('#').at(-1) ?? '';
  return /^[\w.]{1,80}$/.test(word) ? word : 'unknown';
}
