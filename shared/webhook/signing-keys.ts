import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Clock } from '../clock/clock.ts';
import { Secret } from '../secret/secret.ts';
import { errorName, storeFailure } from '../table/store-failure.ts';

/** What the secret holds is no key. */
export class WebhookKeyError extends Error {
  readonly code = 'invalid-webhook-key';
  override readonly name = 'WebhookKeyError';
}

/** Standard Webhooks: between 24 and 64 bytes. */
const LEAST_BYTES = 24;

/** How long a container signs with what it read: a new key is used within this time. */
const CACHED_MS = 300_000;

/**
 * The keys that sign webhooks: the current version of a secret, and the one before, so that a receiver can change over
 * at its leisure. Rejects with `StoreUnavailableError` and {@link WebhookKeyError}.
 */
export class SigningKeys {
  readonly #client: SecretsManagerClient;
  readonly #secretName: string;
  readonly #clock: Clock;
  #known: { readonly keys: readonly Secret[]; readonly untilMs: number } | undefined;

  constructor(client: SecretsManagerClient, secretName: string, clock: Clock) {
    this.#client = client;
    this.#secretName = secretName;
    this.#clock = clock;
  }

  async read(): Promise<readonly Secret[]> {
    if (this.#known && this.#clock.monotonicMs() < this.#known.untilMs) return this.#known.keys;
    const stages = await Promise.all([this.#version('AWSCURRENT'), this.#version('AWSPREVIOUS')]);
    const keys = stages.filter((key) => key !== undefined);
    this.#known = { keys, untilMs: this.#clock.monotonicMs() + CACHED_MS };
    return keys;
  }

  /** A secret that was never changed has no version before. */
  async #version(stage: 'AWSCURRENT' | 'AWSPREVIOUS'): Promise<Secret | undefined> {
    let value: string | undefined;
    try {
      const { SecretString } = await this.#client.send(
        new GetSecretValueCommand({ SecretId: this.#secretName, VersionStage: stage }),
      );
      value = SecretString;
    } catch (error) {
      if (stage === 'AWSPREVIOUS' && errorName(error) === 'ResourceNotFoundException') return undefined;
      throw storeFailure('GetSecretValue', error);
    }
    return keyOf(value);
  }
}

function keyOf(text: string | undefined): Secret {
  const encoded = text?.replace(/^whsec_/, '') ?? '';
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(encoded);
  if (!isBase64 || Buffer.from(encoded, 'base64').length < LEAST_BYTES) {
    throw new WebhookKeyError(
      `SecretString of the webhook's secret: expected ${LEAST_BYTES} bytes or more in base64, with or without whsec_ before them; put a new value.`,
    );
  }
  return new Secret(encoded);
}
