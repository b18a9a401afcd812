import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { TokenError } from './token-error.ts';

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
      const reason = error instanceof Error ? error.name : '';
      if (reason === 'ResourceNotFoundException') return undefined;
      if (reason === 'AccessDeniedException') {
        throw new TokenError('forbidden', `IAM refuses ${name}: allow secretsmanager:GetSecretValue on it.`);
      }
      throw TokenError.unavailable('Secrets Manager');
    }
  };
}

type Read = (name: string, signal?: AbortSignal) => Promise<string | undefined>;

async function load(given?: Pick<SecretsManagerClient, 'send'>): Promise<Read> {
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const client = given ?? new SecretsManagerClient({});
  return async (name, abortSignal) => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }), {
      abortSignal,
    });
    return SecretString;
  };
}
