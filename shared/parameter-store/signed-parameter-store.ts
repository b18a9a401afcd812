import { type AwsCredentials, signV4 } from '../aws-signature/sign-v4.ts';
import type { Clock } from '../clock/clock.ts';
import type { Random } from '../random/random.ts';
import type { Secret } from '../secret/secret.ts';
import { type TagChanges, withTagsOfEnvironment } from '../secret-store/tag-changes.ts';
import { storeFailure } from '../table/store-failure.ts';
import type { ParameterStore } from './parameter-store.ts';

export interface SignedParameterStoreOptions {
  /** Where Systems Manager is: its base URL, without a slash at its end. Asked for at every request. */
  readonly at: () => { readonly endpoint: string; readonly region: string };
  readonly credentials: () => AwsCredentials;
  readonly clock: Clock;
  readonly random: Random;
  /** Key and tags of every parameter that is made; a key of AWS, and no tags, unless given. */
  readonly created?: { readonly kmsKeyId?: string; readonly tags?: Readonly<Record<string, string>> };
}

/**
 * The versions after which a parameter is tagged: PutParameter takes no tags with a value that may replace another. More
 * than the first, since the one that made it may have been cut off before it was tagged.
 */
const TAGGED_VERSIONS = 3;

/**
 * {@link ParameterStore} on AWS Systems Manager: four operations in signed requests, for which the SDK's client would
 * double the code of a function. All are idempotent, so one that is throttled or lost is sent again.
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export class SignedParameterStore implements ParameterStore {
  readonly #options: SignedParameterStoreOptions;

  constructor(options: SignedParameterStoreOptions) {
    this.#options = options;
  }

  async put(
    name: string,
    value: Secret,
    { description, tags = {}, signal }: Parameters<ParameterStore['put']>[2] = {},
  ): Promise<void> {
    const { kmsKeyId: KeyId } = this.#options.created ?? {};
    const parameter = {
      Name: name,
      Value: value.reveal(),
      Type: 'SecureString',
      Description: description,
      KeyId,
    };
    // Standard as long as the value fits, so that it costs nothing; an advanced one stays advanced.
    const input = { ...parameter, Overwrite: true, Tier: 'Intelligent-Tiering' };
    const { Version } = await this.#call('PutParameter', input, signal);
    if (Number(Version) <= TAGGED_VERSIONS) await this.#tag(name, tags, signal);
  }

  async retag(name: string, changes: TagChanges): Promise<void> {
    const { set, drop: TagKeys } = withTagsOfEnvironment(changes, this.#options.created?.tags);
    try {
      await this.#tag(name, set);
      if (TagKeys.length > 0) {
        await this.#call('RemoveTagsFromResource', { ResourceType: 'Parameter', ResourceId: name, TagKeys });
      }
    } catch (error) {
      // There is no such parameter.
      if ((error as { readonly reason?: unknown }).reason !== 'InvalidResourceId') throw error;
    }
  }

  async remove(name: string): Promise<void> {
    await this.#call('DeleteParameter', { Name: name }).catch((error: unknown) => {
      if ((error as { readonly reason?: unknown }).reason !== 'ParameterNotFound') throw error;
    });
  }

  async #tag(name: string, own: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<void> {
    const Tags = Object.entries(this.#tags(own)).map(([Key, Value]) => ({ Key, Value }));
    if (Tags.length === 0) return;
    await this.#call('AddTagsToResource', { ResourceType: 'Parameter', ResourceId: name, Tags }, signal);
  }

  /** Tags of the environment go before those of a credential. */
  #tags(own: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    return { ...own, ...this.#options.created?.tags };
  }

  async #call(operation: string, input: object, signal?: AbortSignal): Promise<Answer> {
    const { clock, random } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      const { answer, failure } = await this.#attempt(operation, input, signal);
      if (!failure) return answer;
      if (attempt === MOST_ATTEMPTS || !isWorthARetry(failure) || signal?.aborted) {
        throw storeFailure(operation, failure);
      }
      await clock.sleep(PAUSE_MS * 2 ** attempt * random.fraction(), signal);
    }
  }

  /** What was answered, or what may be told of why it did not succeed, in the form of the SDK's own errors. */
  async #attempt(operation: string, input: object, signal?: AbortSignal): Promise<Attempt> {
    const { at, credentials, clock } = this.#options;
    const { endpoint, region } = at();
    const url = new URL(`${endpoint}/`);
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AmazonSSM.${operation}`,
    };
    const request = { method: 'POST', url, headers, body: JSON.stringify(input) };
    const scope = { credentials: credentials(), region, service: 'ssm', nowMs: clock.nowMs() };
    const timeOut = AbortSignal.timeout(LONGEST_MS);
    try {
      const answer = await fetch(url, {
        ...request,
        headers: signV4(request, scope),
        signal: signal ? AbortSignal.any([signal, timeOut]) : timeOut,
        redirect: 'error',
      });
      const text = await answer.text();
      if (answer.ok) return { answer: parsed(text) };
      return { failure: { name: errorCode(answer, text), $metadata: { httpStatusCode: answer.status } } };
    } catch (error) {
      const { name, cause } = error as {
        readonly name: string;
        readonly cause?: { readonly code?: unknown };
      };
      // Its message and cause may hold the request.
      return { failure: name === 'TypeError' ? { name: 'Error', code: cause?.code } : { name } };
    }
  }
}

/** Members of an answer that is used. */
interface Answer {
  readonly Version?: unknown;
}

type Attempt =
  | { readonly answer: Answer; readonly failure?: undefined }
  | { readonly answer?: undefined; readonly failure: Failure };

interface Failure {
  readonly name: string;
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode: number };
}

const MOST_ATTEMPTS = 4;
const PAUSE_MS = 200;
const LONGEST_MS = 2500;

/** Throttled, lost, or the service's own trouble. An account takes a few writes a second. */
function isWorthARetry({ name, $metadata }: Failure): boolean {
  return $metadata === undefined || $metadata.httpStatusCode >= 500 || THROTTLED.has(name);
}

const THROTTLED = new Set(['ThrottlingException', 'TooManyUpdates']);

function errorCode(answer: Response, text: string): string {
  const given = answer.headers.get('x-amzn-errortype') ?? typeIn(text);
  return /^(?:[\w.]+#)?(\w+)/.exec(given)?.[1] ?? 'Error';
}

function typeIn(text: string): string {
  return String((parsed(text) as { readonly __type?: unknown }).__type ?? '');
}

/** What is no JSON says nothing. */
function parsed(text: string): object {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
