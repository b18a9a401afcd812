import type { AwsAnswer } from '../aws/aws-request.ts';
import { LOCAL_ACCOUNT } from '../aws/event-bus.ts';
import { functionName, lambdaError } from './lambda-invoke-route.ts';
import type { FunctionDefinition, LambdaRuntime } from './lambda-runtime.ts';

/** `GET /2015-03-31/functions`, `…/{name}` and `…/{name}/configuration`. */
export const FUNCTIONS_PATH = /^\/2015-03-31\/functions(?:\/|\/([^/]+)(\/configuration)?)?$/;

/** When the functions were deployed: with the process. */
const STARTED = new Date().toISOString().replace('Z', '+0000');

/**
 * GetFunction, GetFunctionConfiguration and ListFunctions, as tools ask before they invoke. There is no code to
 * download.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
 */
export function describeFunctions(lambda: LambdaRuntime, path: string): AwsAnswer {
  const [, encodedName, configuration] = FUNCTIONS_PATH.exec(path) ?? [];
  if (encodedName === undefined) {
    return { status: 200, body: { Functions: lambda.definitions().map(configurationOf) } };
  }
  const [name, qualifier] = functionName(encodedName);
  const found = lambda.definitions().find((each) => each.name === name);
  if (!found || name === undefined || !lambda.has(name, qualifier)) {
    return lambdaError(404, 'ResourceNotFoundException', 'There is no such function in the local stack.');
  }
  if (configuration) return { status: 200, body: configurationOf(found) };
  return {
    status: 200,
    body: {
      Configuration: configurationOf(found),
      Code: { RepositoryType: 'local', Location: '' },
      Tags: {},
    },
  };
}

function configurationOf({ name, timeoutSeconds, memoryMb, environment }: FunctionDefinition) {
  const variables = Object.entries(environment).filter(([variable]) => variable.startsWith('RENOVA_'));
  return {
    FunctionName: name,
    FunctionArn: `arn:aws:lambda:${environment.AWS_REGION}:${LOCAL_ACCOUNT}:function:${name}`,
    Role: `arn:aws:iam::${LOCAL_ACCOUNT}:role/${name}`,
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    CodeSize: 0,
    CodeSha256: '',
    Timeout: timeoutSeconds,
    MemorySize: memoryMb,
    LastModified: STARTED,
    Version: '$LATEST',
    Environment: { Variables: Object.fromEntries(variables) },
    TracingConfig: { Mode: 'PassThrough' },
    PackageType: 'Zip',
    Architectures: ['arm64'],
    EphemeralStorage: { Size: 512 },
    State: 'Active',
    LastUpdateStatus: 'Successful',
  };
}
