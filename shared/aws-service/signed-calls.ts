import type { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';
import { type AwsCredentials, signV4 } from '../aws-signature/sign-v4.ts';
import type { Clock } from '../clock/clock.ts';
import type { Random } from '../random/random.ts';
import { storeFailure } from '../table/store-failure.ts';

/** Where and how a service of AWS is asked. */
export interface SignedCallsOptions {
  /** Its name in signatures, such as `secretsmanager`. */
  readonly service: string;
  /** What its operations are named after in requests, such as `DynamoDB_20120810`. */
  readonly target: string;
  /** Version of its JSON protocol. */
  readonly json: '1.0' | '1.1';
  /** Its base URL, without a slash at its end. Asked for at every request. */
  readonly at: () => { readonly endpoint: string; readonly region: string };
  readonly credentials: () => AwsCredentials;
  readonly clock: Clock;
  readonly random: Random;
  /** How long an answer is waited for: {@link LONGEST_MS} unless given. */
  readonly longestMs?: number;
  /** How often a call that was throttled or lost is made: twice unless given … */
  readonly mostAttempts?: number;
  /** … and up to how long after the first of them, twice as long after each further one. */
  readonly pauseMs?: number;
}

export interface CallOptions {
  /** Codes of refusals that mean that there is nothing: the answer is undefined then. */
  readonly absent?: ReadonlySet<string>;
  readonly signal?: AbortSignal;
}

/** In the form of the SDK's own errors: nothing in it is from the request or the body of an answer, but its code. */
interface CallFailure {
  readonly name: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode: number };
}

const MOST_ATTEMPTS = 2;
const PAUSE_MS = 50;
/** A service answers within milliseconds: one that takes longer is away. */
const LONGEST_MS = 1000;
const KEEP = { keepAlive: true, maxSockets: 50 };

/**
 * Node's own HTTP. An `import` of it would read all that it exports, which loads all of `fetch` too: that takes longer
 * than everything else that a function imports.
 */
function moduleFor({ protocol }: URL) {
  return process.getBuiltinModule(protocol === 'http:' ? 'node:http' : 'node:https');
}

/**
 * Idempotent operations of one service, in signed requests of Node's own HTTP: what loading the SDK's client costs is most
 * of the cold start of a function that makes two kinds of call. One that was throttled or lost is made again, over a
 * connection of its own, since a kept one may have slept through a freeze.
 */
export class SignedCalls {
  readonly #options: SignedCallsOptions;
  readonly #agents = new Map<string, Agent>();

  constructor(options: SignedCallsOptions) {
    this.#options = options;
  }

  /**
   * The answer to `operation`; undefined where its code is one of `absent`. Rejects with `StoreUnavailableError`, also
   * when `signal` aborts.
   */
  async call(
    operation: string,
    input: object,
    { absent, signal }: CallOptions = {},
  ): Promise<Readonly<Record<string, unknown>> | undefined> {
    const { clock, random, mostAttempts = MOST_ATTEMPTS, pauseMs = PAUSE_MS } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#attempt(operation, input, attempt > 1, signal);
      } catch (error) {
        const failure = error as CallFailure;
        if (absent?.has(failure.name)) return undefined;
        if (attempt === mostAttempts || !isWorthARetry(failure) || signal?.aborted) {
          throw storeFailure(operation, failure);
        }
        await clock.sleep(pauseMs * 2 ** (attempt - 1) * random.fraction(), signal);
      }
    }
  }

  async #attempt(operation: string, input: object, isNewConnection: boolean, aborted?: AbortSignal) {
    const { service, target, json, at, credentials, clock, longestMs = LONGEST_MS } = this.#options;
    const { endpoint, region } = at();
    const url = new URL(`${endpoint}/`);
    const body = JSON.stringify(input);
    const headers = {
      'content-type': `application/x-amz-json-${json}`,
      'x-amz-target': `${target}.${operation}`,
    };
    const method = 'POST';
    const scope = { credentials: credentials(), region, service, nowMs: clock.nowMs() };
    const signed = signV4({ method, url, headers, body }, scope);
    const agent = isNewConnection ? false : this.#agentOf(url);
    const timeOut = AbortSignal.timeout(longestMs);
    const signal = aborted ? AbortSignal.any([aborted, timeOut]) : timeOut;
    const sent = { ...signed, 'content-length': String(Buffer.byteLength(body)) };
    const { status, text } = await answerTo(url, { method, headers: sent, agent, signal }, body);
    const answer = parsed(text);
    if (status === 200 && answer) return answer;
    throw { name: errorCode(answer), $metadata: { httpStatusCode: status } } satisfies CallFailure;
  }

  #agentOf(url: URL): Agent {
    const known = this.#agents.get(url.protocol);
    if (known) return known;
    const { Agent } = moduleFor(url);
    const agent = new Agent(KEEP);
    this.#agents.set(url.protocol, agent);
    return agent;
  }
}

function answerTo(
  url: URL,
  options: RequestOptions,
  body: string,
): Promise<{ readonly status: number; readonly text: string }> {
  const { request } = moduleFor(url);
  return new Promise((resolve, reject) => {
    const fail = ({ name, code }: NodeJS.ErrnoException) => reject({ name, code } satisfies CallFailure);
    const sent = request(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
      });
    });
    sent.on('error', fail);
    sent.end(body);
  });
}

/** Throttled, lost, unreadable, or the service's own trouble. */
function isWorthARetry({ name, $metadata }: CallFailure): boolean {
  if ($metadata === undefined || THROTTLED.has(name)) return true;
  return $metadata.httpStatusCode >= 500 || $metadata.httpStatusCode === 200;
}

const THROTTLED = new Set([
  'ThrottlingException',
  'TooManyUpdates',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
]);

/** `com.amazonaws.dynamodb.v20120810#ResourceNotFoundException`, or the bare name. */
function errorCode(answer: Readonly<Record<string, unknown>> | undefined): string {
  return /^(?:[\w.]+#)?(\w+)/.exec(String(answer?.__type ?? ''))?.[1] ?? 'Error';
}

/** Undefined for what is no JSON object. */
function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
