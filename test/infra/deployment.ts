import { Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type LocalAws, startAws } from '../../local/aws/local-aws.ts';
import type { InvocationResult } from '../../local/lambda/function-container.ts';
import { createLambdaRuntime, type LambdaRuntime } from '../../local/lambda/lambda-runtime.ts';
import { systemClock } from '../../shared/clock/system-clock.ts';
import { startIamGate } from './iam-gate.ts';
import { statementsOf } from './policy.ts';
import { REGION, type ResolvableTemplate, resolve } from './resolve.ts';
import { bundleOf, resourcesOf, type Synthesis } from './synthesis.ts';

/** A synthesized stack, with its functions running. */
export interface Deployment {
  /** Straight to the endpoint, past every policy. */
  readonly secretsManager: SecretsManagerClient;
  /** Runs a function; resolves with its parsed answer. */
  invoke(name: string, event: object): Promise<{ readonly failed: boolean; readonly answer: unknown }>;
  /** What functions asked for and their role does not allow: `function action resource`. */
  readonly denied: readonly string[];
  /** Everything the functions printed. */
  readonly printed: () => string;
}

/** Where functions run: the local stack, whose AWS endpoint invokes them. */
export interface FunctionHost {
  readonly aws: LocalAws;
  readonly lambda: LambdaRuntime;
  readonly printed: () => string;
}

/** Starts an empty local stack. */
export async function startFunctionHost(opened: AsyncDisposableStack): Promise<FunctionHost> {
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
  opened.defer(() => lambda.stop());
  return { aws, lambda, printed: () => printed };
}

/**
 * Runs the functions of a template as Lambda does, with their bundle, environment and role. Their calls pass the
 * policies of their role, and go on to the endpoint on the port `storesPort`; invocations go to the host.
 */
export async function deployFunctions(
  synthesis: Synthesis,
  { aws, lambda, printed }: FunctionHost,
  storesPort: number,
  opened: AsyncDisposableStack,
): Promise<Omit<Deployment, 'secretsManager'>> {
  const { template } = synthesis;
  const upstream = { lambda: aws.server.port, others: storesPort };
  const gate = await startIamGate(
    upstream,
    (name) => statementsOf(template, name),
    (name) => keyOf(template, name),
    opened,
  );
  lambda.deploy(
    resourcesOf(template, 'AWS::Lambda::Function').map((resource) => {
      const { Properties } = resource;
      const name = String(Properties.FunctionName);
      const aliases = aliasesOf(template, name);
      const { Variables } = resolve(template, Properties.Environment) as {
        Variables: Record<string, string>;
      };
      return {
        name,
        aliases,
        timeoutSeconds: Number(Properties.Timeout),
        memoryMb: Number(Properties.MemorySize),
        module: pathToFileURL(bundleOf(synthesis, resource)),
        environment: { ...Variables, ...runtimeVariables(name, gate.url) },
      };
    }),
  );
  const invoke = async (name: string, event: object) =>
    parsed(await lambda.invoke(name, JSON.stringify(event)));
  return { invoke, denied: gate.denied, printed };
}

/** The key of a secret of the stack, or of what its functions make. */
function keyOf(template: ResolvableTemplate, name: string): string | undefined {
  const own = resourcesOf(template, 'AWS::SecretsManager::Secret').find(
    ({ Properties }) => Properties.Name === name,
  );
  if (own) return own.Properties.KmsKeyId ? String(resolve(template, own.Properties.KmsKeyId)) : undefined;
  const [maker] = resourcesOf(template, 'AWS::Lambda::Function').filter(({ Properties }) =>
    String(Properties.FunctionName).endsWith('-refresh'),
  );
  const { Variables } = resolve(template, maker?.Properties.Environment) as {
    Variables: Record<string, string>;
  };
  return Variables.RENOVA_SECRETS_KEY;
}

function aliasesOf(template: ResolvableTemplate, functionName: string): string[] {
  return resourcesOf(template, 'AWS::Lambda::Alias')
    .filter(({ Properties }) => resolve(template, Properties.FunctionName) === functionName)
    .map(({ Properties }) => String(Properties.Name));
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

function parsed({ failed, payload }: InvocationResult) {
  return { failed, answer: JSON.parse(payload) as unknown };
}
