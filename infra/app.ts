import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ENVIRONMENT_SETTINGS } from '../shared/config/environments.ts';
import { chooseEnvironment, EnvironmentChoiceError } from './environment-choice.ts';
import { RenovaStack } from './renova-stack.ts';
import { SettingsError, withContext } from './settings.ts';

/** The CDK app (cdk.json): the stack of the environment that `-c env=…` names, checked by cdk-nag. */
const app = new App();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
try {
  const env = chooseEnvironment(app.node.tryGetContext('env'));
  const settings = withContext(ENVIRONMENT_SETTINGS[env], app.node.getAllContext());
  new RenovaStack(app, `renova-${env}`, { env, settings });
} catch (error) {
  if (!(error instanceof EnvironmentChoiceError || error instanceof SettingsError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
