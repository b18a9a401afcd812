import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { testClientOptions } from '../support/aws-clients.ts';
import { emptyMoto } from '../support/moto.ts';
import { startBoto3 } from './boto3.ts';
import { type Deployment, deployFunctions, startFunctionHost } from './deployment.ts';
import { createSecrets } from './generated-secrets.ts';
import { createStack } from './moto-stack.ts';
import { resourcesOf, type Synthesis } from './synthesis.ts';

/**
 * Applies a template to moto's CloudFormation, which makes its tables, and runs its functions here: moto needs Docker
 * for that. DynamoDB, Secrets Manager and EventBridge are moto's.
 */
export async function deployToMoto(synthesis: Synthesis, opened: AsyncDisposableStack): Promise<Deployment> {
  const { stack, template } = synthesis;
  const endpoint = await emptyMoto();
  const aws = startBoto3(endpoint, opened);
  await createStack(aws, stack.stackName, template);
  for (const { Properties } of resourcesOf(template, 'AWS::Events::Rule')) {
    const [{ Id }] = Properties.Targets as [{ Id: string }];
    // moto brings no event to a topic: it refuses an event for which a rule would.
    await aws.call('events', 'remove_targets', { Rule: Properties.Name, Ids: [Id] });
  }
  const secretsManager = new SecretsManagerClient(testClientOptions(endpoint));
  opened.defer(() => secretsManager.destroy());
  await createSecrets(template, secretsManager);
  const host = await startFunctionHost(opened);
  const port = Number(new URL(endpoint).port);
  return { ...(await deployFunctions(synthesis, host, port, opened)), secretsManager };
}
