import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ENVIRONMENT_SETTINGS } from '../shared/config/environments.ts';
import { chooseEnvironment } from './environment-choice.ts';
import { RenovaStack } from './renova-stack.ts';
import { withContext } from './settings.ts';

/**
 * Adds the stack of the environment that the context key `env` names, checked by cdk-nag. Throws
 * `EnvironmentChoiceError` or `SettingsError` when the context is wrong.
 */
export function addStack(app: App): RenovaStack {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const env = chooseEnvironment(app.node.tryGetContext('env'));
  const settings = withContext(ENVIRONMENT_SETTINGS[env], app.node.getAllContext());
  return new RenovaStack(app, `renova-${env}`, { env, settings });
}
