import type { Secret } from '../secret/secret.ts';
import type { TagChanges } from './tag-changes.ts';

/** One version of a secret as it was read. */
export interface SecretVersion {
  readonly value: Secret;
  readonly versionId: string;
}

export interface PutOptions {
  /** Idempotency token, 32 to 64 characters; it becomes the version id. A fresh one when left out. */
  readonly requestToken?: string;
  /** Gives up (and stops retrying) when it aborts. */
  readonly signal?: AbortSignal;
}

/**
 * Named secrets with versions, as AWS Secrets Manager keeps them. Reads are eventually consistent.
 * Every method rejects with `StoreUnavailableError` (shared/table/table.ts) when the store cannot be
 * reached, throttles or refuses access; no error ever carries a secret's value.
 */
export interface SecretStore {
  /** The current version (or the version with `versionId`); undefined if there is no such secret or version, or it is scheduled for deletion. */
  get(name: string, versionId?: string): Promise<SecretVersion | undefined>;
  /**
   * Makes `value` the current version. The same token with the same value does nothing and succeeds.
   * Rejects with {@link SecretNotFoundError}, {@link VersionQuotaError} (100 versions younger than 24 h),
   * {@link RequestTokenReusedError} (the same token with another value).
   */
  put(name: string, value: Secret, options?: PutOptions): Promise<void>;
  /**
   * Creates the secret with a first version, or, if it exists, leaves it as it is and resolves `false`.
   * A secret scheduled for deletion is restored, given `value` as its current version, and resolves `true`.
   * Gives up (and stops retrying) when `signal` aborts.
   */
  create(
    name: string,
    value: Secret,
    options?: { description?: string; tags?: Record<string, string>; signal?: AbortSignal },
  ): Promise<boolean>;
  /** Gives tags their values and takes others away; nothing happens if there is no such secret. */
  retag(name: string, changes: TagChanges): Promise<void>;
  /** Schedules the deletion, `recoveryDays` (7 to 30) ahead; nothing happens if there is no such secret. */
  remove(name: string, recoveryDays: number): Promise<void>;
}

/** What one version of a secret can hold at most, in bytes of UTF-8 (AWS, quotas of Secrets Manager). */
export const MOST_SECRET_BYTES = 65_536;

/** There is no secret of that name, or it is scheduled for deletion. */
export class SecretNotFoundError extends Error {
  readonly code = 'secret-not-found';
  override readonly name = 'SecretNotFoundError';
}

/** The secret has 100 versions younger than a day (`LimitExceededException`): nothing was written. */
export class VersionQuotaError extends Error {
  readonly code = 'version-quota';
  override readonly name = 'VersionQuotaError';
}

/** The request token already wrote another value into this secret: nothing was written. */
export class RequestTokenReusedError extends Error {
  readonly code = 'request-token-reused';
  override readonly name = 'RequestTokenReusedError';
}
