import {
  CreateSecretCommand,
  GetRandomPasswordCommand,
  type GetRandomPasswordCommandInput,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { ResolvableTemplate } from './resolve.ts';
import { resourcesOf } from './synthesis.ts';

/** Creates the secrets of a template as CloudFormation does, where that is not at hand. */
export async function createSecrets(
  template: ResolvableTemplate,
  secretsManager: SecretsManagerClient,
): Promise<void> {
  for (const { Properties } of resourcesOf(template, 'AWS::SecretsManager::Secret')) {
    await createSecret(secretsManager, Properties);
  }
}

/** As CloudFormation generates a value: a random text, as it is or put into the template's object under its key. */
async function createSecret(
  client: SecretsManagerClient,
  { Name, GenerateSecretString }: Record<string, unknown>,
) {
  const { SecretStringTemplate, GenerateStringKey, ...rules } = GenerateSecretString as {
    SecretStringTemplate?: string;
    GenerateStringKey?: string;
  } & GetRandomPasswordCommandInput;
  const { RandomPassword } = await client.send(new GetRandomPasswordCommand(rules));
  const SecretString =
    SecretStringTemplate && GenerateStringKey
      ? JSON.stringify({ ...JSON.parse(SecretStringTemplate), [GenerateStringKey]: RandomPassword })
      : RandomPassword;
  await client.send(new CreateSecretCommand({ Name: String(Name), SecretString }));
}
