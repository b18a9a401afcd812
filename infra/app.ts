import { App } from 'aws-cdk-lib';
import { chooseEnvironment, EnvironmentChoiceError } from './environment-choice.ts';
import { RenovaStack } from './renova-stack.ts';

/** The CDK app (cdk.json): the stack of the environment that `-c env=…` names. */
const app = new App();
try {
  const env = chooseEnvironment(app.node.tryGetContext('env'));
  new RenovaStack(app, `renova-${env}`, { env });
} catch (error) {
  if (!(error instanceof EnvironmentChoiceError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
