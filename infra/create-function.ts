import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { FunctionBundle, FunctionSettings } from '../shared/config/functions.ts';
import { functionBundle } from './function-bundle.ts';
import type { OwnKeys } from './own-keys.ts';
import type { RenovaSettings } from './settings.ts';

export interface FunctionProps extends FunctionSettings {
  readonly bundle: FunctionBundle;
  readonly name: string;
  readonly variables: Record<string, string>;
  /** Invocations at a time that are set aside for it; none unless given. */
  readonly reserved?: number;
  readonly settings: RenovaSettings;
  readonly keys: OwnKeys;
}

/** A function of one of the bundles, with a role and a log group of its own. */
export function createFunction(scope: Construct, props: FunctionProps): LambdaFunction {
  const { bundle, name, settings, keys } = props;
  const title = `${bundle[0]?.toUpperCase()}${bundle.slice(1)}`;
  const logGroup = new LogGroup(scope, `${title}Log`, {
    logGroupName: `/aws/lambda/${name}`,
    retention: settings.logRetentionDays,
    encryptionKey: keys.logs,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const role = new Role(scope, `${title}Role`, {
    description: `What ${name} may do`,
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
  });
  logGroup.grantWrite(role);
  return new LambdaFunction(scope, title, {
    functionName: name,
    code: Code.fromAsset(functionBundle(scope, bundle)),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    memorySize: props.memoryMb,
    timeout: Duration.seconds(props.timeoutSeconds),
    reservedConcurrentExecutions: props.reserved,
    environment: props.variables,
    role,
    logGroup,
    loggingFormat: LoggingFormat.JSON,
    // Times and outcomes of invocations; never a payload.
    tracing: Tracing.ACTIVE,
  });
}
