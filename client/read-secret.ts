import { signatureError } from './refused-signature.ts';
import { TokenError } from './token-error.ts';

/** What is used of a `SecretsManagerClient` of the AWS SDK. */
export interface SecretsClient {
  send(command: never, options?: { readonly abortSignal?: AbortSignal }): Promise<unknown>;
}

/** The latter is for one that waits for its deletion: its credential was removed, or publishes no more. */
const NOT_THERE = new Set(['ResourceNotFoundException', 'InvalidRequestException']);

type Read = (name: string, signal?: AbortSignal) => Promise<string | undefined>;

/** Reads secrets by the AWS SDK, which is loaded when the first one is read. Rejects with {@link TokenError}. */
export function secretReader(given?: SecretsClient): Read {
  let loading: Promise<Read> | undefined;
  return async (name, signal) => {
    loading ??= load(given);
    const read = await loading.catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    try {
      return await read(name, signal);
    } catch (error) {
      signal?.throwIfAborted();
      const code = error instanceof Error ? error.name : '';
      if (NOT_THERE.has(code)) return undefined;
      throw failure(name, code, error);
    }
  };
}

function failure(name: string, code: string, error: unknown): TokenError {
  if (code === 'AccessDeniedException') {
    return new TokenError('forbidden', `IAM refuses ${name}: allow secretsmanager:GetSecretValue on it.`);
  }
  if (code === 'CredentialsProviderError') {
    const message = 'The AWS credentials cannot be loaded: sign in, or check the role.';
    return new TokenError('expired-credentials', message, { isTemporary: true });
  }
  return (
    signatureError('Secrets Manager', code, undefined) ?? TokenError.unavailable('Secrets Manager', error)
  );
}

async function load(given?: SecretsClient): Promise<Read> {
  const { GetSecretValueCommand, SecretsManagerClient } = await imported();
  const client = given ?? (await withRegion(new SecretsManagerClient({})));
  return async (name, abortSignal) => {
    const command = new GetSecretValueCommand({ SecretId: name }) as never;
    const { SecretString } = (await client.send(command, { abortSignal })) as { SecretString?: string };
    return SecretString;
  };
}

async function imported() {
  try {
    return await import('@aws-sdk/client-secrets-manager');
  } catch {
    const message =
      'Reading published secrets needs @aws-sdk/client-secrets-manager: add it to the dependencies.';
    throw new TokenError('invalid-option', message);
  }
}

/** The SDK's own error for it has no name that tells. */
async function withRegion<Client extends { readonly config: { region(): Promise<string> } }>(
  client: Client,
): Promise<Client> {
  try {
    await client.config.region();
    return client;
  } catch {
    throw new TokenError('unavailable', 'No AWS region is set: set AWS_REGION, or give a client.');
  }
}
