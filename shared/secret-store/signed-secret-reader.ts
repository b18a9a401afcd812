import { SignedCalls, type SignedCallsOptions } from '../aws-service/signed-calls.ts';
import { Secret } from '../secret/secret.ts';
import type { SecretStore, SecretVersion } from './secret-store.ts';

/** There is none, or it is scheduled for deletion: the only invalid request that reading can be. */
const ABSENT = new Set(['ResourceNotFoundException', 'InvalidRequestException']);

/**
 * The reading of {@link SecretStore} on AWS Secrets Manager, without the SDK.
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 */
export class SignedSecretReader implements Pick<SecretStore, 'get'> {
  readonly #service: SignedCalls;

  constructor(options: Pick<SignedCallsOptions, 'at' | 'credentials' | 'clock' | 'random'>) {
    this.#service = new SignedCalls({
      ...options,
      service: 'secretsmanager',
      target: 'secretsmanager',
      json: '1.1',
    });
  }

  async get(name: string, versionId?: string): Promise<SecretVersion | undefined> {
    const input = { SecretId: name, VersionId: versionId };
    const { SecretString, VersionId } =
      (await this.#service.call('GetSecretValue', input, { absent: ABSENT })) ?? {};
    if (typeof SecretString !== 'string' || typeof VersionId !== 'string') return undefined;
    return { value: new Secret(SecretString), versionId: VersionId };
  }
}
