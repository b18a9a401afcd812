import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { TokenError } from './token-error.ts';

/** The latter is for one that waits for its deletion: its credential was removed, or publishes no more. */
const NOT_THERE = new Set(['ResourceNotFoundException', 'InvalidRequestException']);

/** Reads secrets by the AWS SDK, which is loaded when the first one is read. Rejects with {@link TokenError}. */
export function secretReader(
  given?: Pick<SecretsManagerClient, 'send'>,
): (name: string, signal?: AbortSignal) => Promise<string | undefined> {
  let loading: Promise<Read> | undefined;
  return async (name, signal) => {
    loading ??= load(given);
    try {
      return await (await loading)(name, signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof TokenError) throw error;
      const reason = error instanceof Error ? error.name : '';
      if (NOT_THERE.has(reason)) return undefined;
      if (reason === 'AccessDeniedException') {
        throw new TokenError('forbidden', `IAM refuses ${name}: allow secretsmanager:GetSecretValue on it.`);
      }
      throw TokenError.unavailable('Secrets Manager', error);
    }
  };
}

type Read = (name: string, signal?: AbortSignal) => Promise<string | undefined>;

async function load(given?: Pick<SecretsManagerClient, 'send'>): Promise<Read> {
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const client = given ?? (await withRegion(new SecretsManagerClient({})));
  return async (name, abortSignal) => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }), {
      abortSignal,
    });
    return SecretString;
  };
}

/** The SDK's own error for it has no name that tells. */
async function withRegion(client: SecretsManagerClient): Promise<SecretsManagerClient> {
  try {
    await client.config.region();
    return client;
  } catch {
    throw new TokenError('unavailable', 'No AWS region is set: set AWS_REGION, or give a client.');
  }
}
