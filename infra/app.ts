import { App } from 'aws-cdk-lib';
import { addStack } from './add-stack.ts';
import { EnvironmentChoiceError } from './environment-choice.ts';
import { FEATURE_FLAGS } from './feature-flags.ts';
import { SettingsError } from './settings.ts';

/** The CDK app (cdk.json): the stack of the environment that `-c env=…` names. */
try {
  addStack(new App({ context: FEATURE_FLAGS }));
} catch (error) {
  if (!(error instanceof EnvironmentChoiceError || error instanceof SettingsError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
