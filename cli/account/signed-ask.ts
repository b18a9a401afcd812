import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { type Agent, request as httpsRequest } from 'node:https';
import { text as textOf } from 'node:stream/consumers';
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
  /** Leads through the proxy, where there is one. */
  readonly httpsAgent?: Agent;
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
      const { status, headers, text } = await sent(question, options);
      if (status >= 200 && status < 300) return { ok: true, text };
      return { ok: false, code: codeOf(headers['x-amzn-errortype'], text) };
    } catch (error) {
      const isTimeout =
        error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
      return { ok: false, code: isTimeout ? 'TimeoutError' : 'no-answer' };
    }
  };
}

interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

async function sent(question: AwsQuestion, options: SignedAskOptions): Promise<Answered> {
  const { service, method, path, headers = {}, body } = question;
  const { host, ...place } = placeOf(service, await options.region());
  const url = new URL(`${options.endpoint ?? host}${path}`);
  const scope = { ...place, credentials: await options.credentials(), nowMs: options.clock.nowMs() };
  const signed = signV4({ method, url, headers, ...(body !== undefined && { body }) }, scope);
  const isHttps = url.protocol === 'https:';
  const request = (isHttps ? httpsRequest : httpRequest)(url, {
    method,
    headers: { ...signed, 'content-length': Buffer.byteLength(body ?? '') },
    ...(isHttps && { agent: options.httpsAgent }),
    signal: AbortSignal.timeout(LONGEST_MS),
  });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, text: await textOf(response) };
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
function codeOf(header: string | string[] | undefined, text: string): string {
  const named =
    (Array.isArray(header) ? header[0] : header) ??
    /"(?:__type|code|Code)"\s*:\s*"([^"]+)"/.exec(text)?.[1] ??
    /<Code>([^<]+)<\/Code>/.exec(text)?.[1];
  const word = named?.split(':')[0]?.split('#').at(-1) ?? '';
  return /^[\w.]{1,80}$/.test(word) ? word : 'unknown';
}
