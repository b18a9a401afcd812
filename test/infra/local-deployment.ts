import { Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import {
  CreateSecretCommand,
  GetRandomPasswordCommand,
  type GetRandomPasswordCommandInput,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { InvocationResult } from '../../local/function-container.ts';
import { createLambdaRuntime } from '../../local/lambda-runtime.ts';
import { startAws } from '../../local/local-aws.ts';
import { systemClock } from '../../shared/clock/system-clock.ts';
import { testClientOptions } from '../support/aws-clients.ts';
import { startIamGate } from './iam-gate.ts';
import { statementsOf } from './policy.ts';
import { REGION, resolve } from './resolve.ts';
import { bundleOf, resourcesOf, type Synthesis } from './synthesis.ts';

/** A synthesized stack on the local AWS endpoint. */
export interface LocalDeployment {
  /** Straight to the endpoint, past every policy. */
  readonly secretsManager: SecretsManagerClient;
  /** Runs a function; resolves with its parsed answer. */
  invoke(name: string, event: object): Promise<{ readonly failed: boolean; readonly answer: unknown }>;
  /** What functions asked for and their role does not allow: `function action resource`. */
  readonly denied: readonly string[];
  /** Everything the functions printed. */
  readonly printed: () => string;
}

/**
 * Does with a template what CloudFormation does, as far as Renova's resources go: tables, generated secrets,
 * and functions with their bundle, environment and role. A function's calls pass its role's policies.
 */
export async function deployLocally(
  synthesis: Synthesis,
  opened: AsyncDisposableStack,
): Promise<LocalDeployment> {
  const { template } = synthesis;
  let printed = '';
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      printed += chunk.toString();
      done();
    },
  });
  const lambda = createLambdaRuntime({ clock: systemClock, output });
  const ignore = () => undefined;
  const parts = { clock: systemClock, lambda, onEvent: ignore, onDefect: ignore };
  const aws = await startAws({ scale: 1, port: 0 }, parts, opened);
  const gate = await startIamGate(aws.server.port, (name) => statementsOf(template, name), opened);

  const dynamoDb = new DynamoDBClient(testClientOptions(aws.server.url));
  opened.defer(() => dynamoDb.destroy());
  for (const { Properties } of resourcesOf(template, 'AWS::DynamoDB::Table')) {
    await createTable(dynamoDb, Properties);
  }
  const secretsManager = new SecretsManagerClient(testClientOptions(aws.server.url));
  opened.defer(() => secretsManager.destroy());
  for (const { Properties } of resourcesOf(template, 'AWS::SecretsManager::Secret')) {
    await createSecret(secretsManager, Properties);
  }
  opened.defer(() => lambda.stop());
  lambda.deploy(
    resourcesOf(template, 'AWS::Lambda::Function').map((resource) => {
      const { Properties } = resource;
      const name = String(Properties.FunctionName);
      const { Variables } = resolve(template, Properties.Environment) as {
        Variables: Record<string, string>;
      };
      return {
        name,
        timeoutSeconds: Number(Properties.Timeout),
        memoryMb: Number(Properties.MemorySize),
        module: pathToFileURL(bundleOf(synthesis, resource)),
        environment: { ...Variables, ...runtimeVariables(name, gate.url) },
      };
    }),
  );
  const invoke = async (name: string, event: object) =>
    parsed(await lambda.invoke(name, JSON.stringify(event)));
  return { secretsManager, invoke, denied: gate.denied, printed: () => printed };
}

/** What Lambda adds to a function's environment. The key id tells the gate whose role signs. */
function runtimeVariables(name: string, endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: name,
    AWS_SECRET_ACCESS_KEY: 'fake-secret-access-key',
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_LOG_FORMAT: 'JSON',
  };
}

async function createTable(client: DynamoDBClient, properties: Readonly<Record<string, unknown>>) {
  const { TableName, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, BillingMode } = properties;
  const input = { TableName, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, BillingMode };
  await client.send(new CreateTableCommand(input as CreateTableCommandInput));
  const often = { client, maxWaitTime: 30, minDelay: 0.05, maxDelay: 0.05 };
  await waitUntilTableExists(often, { TableName: String(TableName) });
}

/** As CloudFormation generates a value: a random text, put into the template's object under its key. */
async function createSecret(
  client: SecretsManagerClient,
  { Name, GenerateSecretString }: Record<string, unknown>,
) {
  const { SecretStringTemplate, GenerateStringKey, ...rules } = GenerateSecretString as {
    SecretStringTemplate: string;
    GenerateStringKey: string;
  } & GetRandomPasswordCommandInput;
  const { RandomPassword } = await client.send(new GetRandomPasswordCommand(rules));
  const value = { ...JSON.parse(SecretStringTemplate), [GenerateStringKey]: RandomPassword };
  await client.send(new CreateSecretCommand({ Name: String(Name), SecretString: JSON.stringify(value) }));
}

function parsed({ failed, payload }: InvocationResult) {
  return { failed, answer: JSON.parse(payload) as unknown };
}
