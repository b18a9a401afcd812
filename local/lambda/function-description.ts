import type { AwsAnswer } from '../aws/aws-request.ts';
import { LOCAL_ACCOUNT } from '../aws/event-bus.ts';
import { functionName, lambdaError } from './lambda-invoke-route.ts';
import type { FunctionDefinition, LambdaRuntime } from './lambda-runtime.ts';

/** `GET /2015-03-31/functions`, `…/{name}`, `…/{name}/configuration`, `…/versions` and `…/code-signing-config`. */
export const FUNCTIONS_PATH =
  /^\/20[\d-]{8}\/functions(?:\/|\/([^/]+)(?:\/(configuration|versions|code-signing-config))?)?$/;

/** When the functions were deployed: with the process. */
const STARTED = new Date().toISOString().replace('Z', '+0000');

/**
 * GetFunction, GetFunctionConfiguration, ListFunctions and what Terraform asks beside them. There is no code to
 * download, and one version.
 *
 * @param qualifier the parameter `Qualifier`: a version or alias, which may be in the name too.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
 */
export function describeFunctions(lambda: LambdaRuntime, path: string, qualifier?: string): AwsAnswer {
  const [, encodedName, part] = FUNCTIONS_PATH.exec(path) ?? [];
  if (encodedName === undefined) {
    return { status: 200, body: { Functions: lambda.definitions().map((each) => configurationOf(each)) } };
  }
  const [name, qualifierInName] = functionName(encodedName);
  const asked = qualifierInName ?? qualifier;
  const found = lambda.definitions().find((each) => each.name === name);
  if (!found || name === undefined || !lambda.has(name, asked)) {
    return lambdaError(404, 'ResourceNotFoundException', 'There is no such function in the local stack.');
  }
  if (part === 'configuration') return { status: 200, body: configurationOf(found, asked) };
  if (part === 'versions') return { status: 200, body: { Versions: [configurationOf(found, '$LATEST')] } };
  if (part === 'code-signing-config') {
    return { status: 200, body: { CodeSigningConfigArn: '', FunctionName: name } };
  }
  return {
    status: 200,
    body: {
      Configuration: configurationOf(found, asked),
      Code: { RepositoryType: 'local', Location: '' },
      Tags: {},
    },
  };
}

function configurationOf(
  { name, timeoutSeconds, memoryMb, environment }: FunctionDefinition,
  qualifier?: string,
) {
  const variables = Object.entries(environment).filter(([variable]) => variable.startsWith('RENOVA_'));
  return {
    FunctionName: name,
    FunctionArn: qualified(
      `arn:aws:lambda:${environment.AWS_REGION}:${LOCAL_ACCOUNT}:function:${name}`,
      qualifier,
    ),
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

function qualified(arn: string, qualifier: string | undefined): string {
  return qualifier === undefined ? arn : `${arn}:${qualifier}`;
}
