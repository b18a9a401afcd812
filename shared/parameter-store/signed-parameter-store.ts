import { type CallOptions, SignedCalls } from '../aws-service/signed-calls.ts';
import type { AwsCredentials } from '../aws-signature/sign-v4.ts';
import type { Clock } from '../clock/clock.ts';
import type { Random } from '../random/random.ts';
import type { Secret } from '../secret/secret.ts';
import { type TagChanges, withTagsOfEnvironment } from '../secret-store/tag-changes.ts';
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
  readonly #service: SignedCalls;
  readonly #created: SignedParameterStoreOptions['created'];

  constructor({ at, credentials, clock, random, created }: SignedParameterStoreOptions) {
    this.#created = created;
    this.#service = new SignedCalls({
      service: 'ssm',
      target: 'AmazonSSM',
      json: '1.1',
      at,
      credentials,
      clock,
      random,
      longestMs: LONGEST_MS,
      mostAttempts: MOST_ATTEMPTS,
      pauseMs: PAUSE_MS,
    });
  }

  async put(
    name: string,
    value: Secret,
    { description, tags = {}, signal }: Parameters<ParameterStore['put']>[2] = {},
  ): Promise<void> {
    const { kmsKeyId: KeyId } = this.#created ?? {};
    const parameter = {
      Name: name,
      Value: value.reveal(),
      Type: 'SecureString',
      Description: description,
      KeyId,
    };
    // Standard as long as the value fits, so that it costs nothing; an advanced one stays advanced.
    const input = { ...parameter, Overwrite: true, Tier: 'Intelligent-Tiering' };
    const answer = await this.#service.call('PutParameter', input, { signal });
    if (Number(answer?.Version) <= TAGGED_VERSIONS) await this.#tag(name, tags, { signal });
  }

  async retag(name: string, changes: TagChanges): Promise<void> {
    const { set, drop: TagKeys } = withTagsOfEnvironment(changes, this.#created?.tags);
    await this.#tag(name, set, { absent: ABSENT });
    if (TagKeys.length === 0) return;
    const input = { ResourceType: 'Parameter', ResourceId: name, TagKeys };
    await this.#service.call('RemoveTagsFromResource', input, { absent: ABSENT });
  }

  async remove(name: string): Promise<void> {
    await this.#service.call('DeleteParameter', { Name: name }, { absent: ABSENT });
  }

  async #tag(name: string, own: Readonly<Record<string, string>>, options?: CallOptions): Promise<void> {
    const Tags = Object.entries(this.#tags(own)).map(([Key, Value]) => ({ Key, Value }));
    if (Tags.length === 0) return;
    const input = { ResourceType: 'Parameter', ResourceId: name, Tags };
    await this.#service.call('AddTagsToResource', input, options);
  }

  /** Tags of the environment go before those of a credential. */
  #tags(own: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    return { ...own, ...this.#created?.tags };
  }
}

/** Codes that mean that there is no such parameter. */
const ABSENT = new Set(['ParameterNotFound', 'InvalidResourceId']);
const MOST_ATTEMPTS = 4;
/** An account takes a few writes a second. */
const PAUSE_MS = 400;
const LONGEST_MS = 2500;
