import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  type SecretsManagerClient,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-secrets-manager';
import { Secret } from '../secret/secret.ts';
import { errorName, storeFailure } from '../table/store-failure.ts';
import { refusals } from './refusals.ts';
import type { PutOptions, SecretStore, SecretVersion } from './secret-store.ts';
import { type TagChanges, withTagsOfEnvironment } from './tag-changes.ts';

/** What an environment gives every secret that is made in it. */
export interface NewSecretOptions {
  /** ARN of the key of KMS that encrypts them; one of AWS unless given. */
  readonly kmsKeyId?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * {@link SecretStore} on AWS Secrets Manager. Exceptions are told apart by name. `InvalidRequestException`
 * has several reasons, so DescribeSecret is asked whether the secret is scheduled for deletion; no other
 * reason is the caller's to act on, and all of them reject with `StoreUnavailableError`.
 */
export class SecretsManagerSecretStore implements SecretStore {
  readonly #client: SecretsManagerClient;
  readonly #new: NewSecretOptions;

  constructor(client: SecretsManagerClient, newSecrets: NewSecretOptions = {}) {
    this.#client = client;
    this.#new = newSecrets;
  }

  async get(name: string, versionId?: string): Promise<SecretVersion | undefined> {
    try {
      const { SecretString, VersionId } = await this.#client.send(
        new GetSecretValueCommand({ SecretId: name, VersionId: versionId }),
      );
      if (SecretString === undefined || VersionId === undefined) return undefined;
      return { value: new Secret(SecretString), versionId: VersionId };
    } catch (error) {
      if (await this.#isGone(name, error)) return undefined;
      throw storeFailure('GetSecretValue', error);
    }
  }

  async put(name: string, value: Secret, options: PutOptions = {}): Promise<void> {
    const command = new PutSecretValueCommand({
      SecretId: name,
      SecretString: value.reveal(),
      ClientRequestToken: options.requestToken,
    });
    try {
      await this.#client.send(command, { abortSignal: options.signal });
    } catch (error) {
      const refusal = PUT_REFUSALS.get(errorName(error));
      if (refusal) throw refusal();
      if (await this.#isGone(name, error, options.signal)) throw refusals.secretNotFound();
      throw storeFailure('PutSecretValue', error);
    }
  }

  /** If it is interrupted between restoring and putting, the secret is there with the value it had. */
  async create(
    name: string,
    value: Secret,
    options: { description?: string; tags?: Record<string, string>; signal?: AbortSignal } = {},
  ): Promise<boolean> {
    const { signal } = options;
    try {
      await this.#client.send(
        new CreateSecretCommand({
          Name: name,
          SecretString: value.reveal(),
          Description: options.description,
          KmsKeyId: this.#new.kmsKeyId,
          Tags: this.#tags(options.tags),
        }),
        { abortSignal: signal },
      );
      return true;
    } catch (error) {
      if (errorName(error) === 'ResourceExistsException') return false;
      if (!(await this.#isScheduledForDeletion(name, error, signal)))
        throw storeFailure('CreateSecret', error);
    }
    await this.#restore(name, signal);
    await this.put(name, value, { signal });
    // It has the tags of its former life.
    await this.retag(name, { set: options.tags ?? {}, drop: [] });
    return true;
  }

  async retag(name: string, changes: TagChanges): Promise<void> {
    const { set, drop } = withTagsOfEnvironment(changes, this.#new.tags);
    const Tags = this.#tags(set);
    const TagKeys = [...drop];
    try {
      if (Tags.length > 0) await this.#client.send(new TagResourceCommand({ SecretId: name, Tags }));
      if (TagKeys.length > 0) await this.#client.send(new UntagResourceCommand({ SecretId: name, TagKeys }));
    } catch (error) {
      if (!(await this.#isGone(name, error))) throw storeFailure('TagResource', error);
    }
  }

  /** Looks first: an account may describe 10,000 secrets a second, and delete 50. */
  async remove(name: string, recoveryDays: number): Promise<void> {
    if (await this.#isAbsent(name)) return;
    try {
      await this.#client.send(
        new DeleteSecretCommand({ SecretId: name, RecoveryWindowInDays: recoveryDays }),
      );
    } catch (error) {
      if (!(await this.#isGone(name, error))) throw storeFailure('DeleteSecret', error);
    }
  }

  /** Tags of the environment go before those of a credential. */
  #tags(own: Readonly<Record<string, string>> = {}): { Key: string; Value: string }[] {
    return Object.entries({ ...own, ...this.#new.tags }).map(([Key, Value]) => ({ Key, Value }));
  }

  async #restore(name: string, signal?: AbortSignal): Promise<void> {
    try {
      await this.#client.send(new RestoreSecretCommand({ SecretId: name }), { abortSignal: signal });
    } catch (error) {
      throw storeFailure('RestoreSecret', error);
    }
  }

  async #isGone(name: string, error: unknown, signal?: AbortSignal): Promise<boolean> {
    if (errorName(error) === 'ResourceNotFoundException') return true;
    return this.#isScheduledForDeletion(name, error, signal);
  }

  async #isScheduledForDeletion(name: string, error: unknown, signal?: AbortSignal): Promise<boolean> {
    return errorName(error) === 'InvalidRequestException' && (await this.#isAbsent(name, signal));
  }

  /** There is none, or it is scheduled for deletion. */
  async #isAbsent(name: string, signal?: AbortSignal): Promise<boolean> {
    try {
      const { DeletedDate } = await this.#client.send(new DescribeSecretCommand({ SecretId: name }), {
        abortSignal: signal,
      });
      return DeletedDate !== undefined;
    } catch (error) {
      if (errorName(error) === 'ResourceNotFoundException') return true;
      throw storeFailure('DescribeSecret', error);
    }
  }
}

const PUT_REFUSALS: ReadonlyMap<string, () => Error> = new Map<string, () => Error>([
  ['LimitExceededException', refusals.versionQuota],
  ['ResourceExistsException', refusals.requestTokenReused],
]);
