import * as v from 'valibot';
import { type FunctionNeed, functionNeeds } from '../../shared/config/function-needs.ts';
import { FUNCTIONS, type FunctionRole } from '../../shared/config/functions.ts';
import { type EnvironmentName, names } from '../../shared/config/names.ts';
import type { Finding } from '../format/findings.ts';
import { elements, pathQuestion, queryQuestion } from './ask-aws.ts';
import { type Examined, findJson, findXml, type Look } from './look.ts';

const ROLES = Object.keys(FUNCTIONS) as FunctionRole[];

const Configuration = v.object({
  FunctionArn: v.string(),
  Role: v.string(),
  State: v.optional(v.string(), 'Active'),
  LastUpdateStatus: v.optional(v.string(), 'Successful'),
  Environment: v.optional(v.object({ Variables: v.optional(v.record(v.string(), v.string()), {}) }), {}),
  VpcConfig: v.optional(v.object({ VpcId: v.optional(v.string(), '') })),
});
type Configuration = v.InferOutput<typeof Configuration>;

/** Whether the three functions are there, run, and have their environment. */
export async function examineFunctions(look: Look): Promise<Examined> {
  const found = await Promise.all(ROLES.map(async (role) => ({ role, is: await configuration(look, role) })));
  const findings = await Promise.all(
    found.map(async ({ role, is }) =>
      is ? [...broken(look.env, role, is), ...(await stopped(look, role))] : [missing(look.env, role)],
    ),
  );
  const [, , , region] = found.find(({ is }) => is)?.is?.FunctionArn.split(':') ?? [];
  return { findings: findings.flat(), facts: { ...(region !== undefined && { region }) } };
}

function nameOf(env: EnvironmentName, role: FunctionRole): string {
  return names(env)[`${role}Function`];
}

function configuration(look: Look, role: FunctionRole): Promise<Configuration | undefined> {
  const path = `/2015-03-31/functions/${nameOf(look.env, role)}/configuration`;
  return findJson(look, pathQuestion('lambda', 'lambda:GetFunctionConfiguration', path), Configuration);
}

function missing(env: EnvironmentName, role: FunctionRole): Finding {
  return {
    code: 'function-missing',
    explanation: `The function ${nameOf(env, role)} does not exist in this account and region.`,
    remedy: { text: 'Set AWS_PROFILE and AWS_REGION to those of the stack, or deploy it: docs/deploy.md.' },
  };
}

/** What every function is given (functions/environment.ts); those that ask the refresh function also its name. */
const VARIABLES = ['RENOVA_ENV', 'RENOVA_CREDENTIALS_TABLE', 'RENOVA_QUOTA_TABLE', 'RENOVA_SECRET_PREFIX'];

function broken(env: EnvironmentName, role: FunctionRole, is: Configuration): Finding[] {
  const name = nameOf(env, role);
  const { State: state, LastUpdateStatus: update, Environment } = is;
  const needed = role === 'refresh' ? VARIABLES : [...VARIABLES, 'RENOVA_REFRESH_FUNCTION'];
  const absent = needed.filter((variable) => !Environment.Variables?.[variable]);
  const remedy = { text: 'Put back what was changed by hand: docs/deploy.md, section "Changed by hand".' };
  return [
    ...(state === 'Active' || state === 'Inactive'
      ? []
      : [
          {
            code: 'function-broken',
            explanation: `The function ${name} cannot run (${state}).`,
            remedy,
          } as const,
        ]),
    ...(update === 'Failed'
      ? [
          {
            code: 'function-broken',
            explanation: `The last change of the function ${name} failed.`,
            remedy,
          } as const,
        ]
      : []),
    ...(absent.length > 0
      ? [
          {
            code: 'function-misconfigured',
            explanation: `The function ${name} lacks ${absent.join(', ')} in its environment: it cannot do anything.`,
            remedy,
          } as const,
        ]
      : []),
  ];
}

const Concurrency = v.object({ ReservedConcurrentExecutions: v.optional(v.number()) });

/** A function without any concurrency was stopped by a person. */
async function stopped(look: Look, role: FunctionRole): Promise<Finding[]> {
  if (look.isLocal) return [];
  const name = nameOf(look.env, role);
  const path = `/2019-09-30/functions/${name}/concurrency`;
  const found = await findJson(
    look,
    pathQuestion('lambda', 'lambda:GetFunctionConcurrency', path),
    Concurrency,
  );
  if (found?.ReservedConcurrentExecutions !== 0) return [];
  return [
    {
      code: 'function-stopped',
      explanation: `The function ${name} was stopped: no execution is set aside for it.`,
      remedy: { text: `Start it again: docs/operations.md, section ${role}-throttles.` },
    },
  ];
}

/** Whether the role of each function may do what it must, by IAM's simulation: boundaries and organization included. */
export async function examinePermissions(look: Look): Promise<Examined> {
  const needs = functionNeeds(look.env);
  const findings = await Promise.all(
    ROLES.map(async (role) => {
      const is = await configuration(look, role);
      // That it does not exist is said elsewhere.
      if (!is) return [];
      const denied: string[] = [];
      // One after the other: IAM is one for the whole account, and takes few questions a second.
      for (const need of needs[role]) denied.push(...(await deniedOf(look, is, need)));
      return denied.length === 0 ? [] : [notPermitted(look.env, role, denied)];
    }),
  );
  return { findings: findings.flat() };
}

/** Each resource by itself: of several, the answer would say of which it is in another form. */
async function deniedOf(
  look: Look,
  { Role, FunctionArn }: Configuration,
  need: FunctionNeed,
): Promise<string[]> {
  const [, partition, , region, account] = FunctionArn.split(':');
  const denied: string[] = [];
  for (const resource of need.resources) {
    const [service, ...rest] = resource.split(':');
    const parameters = {
      PolicySourceArn: Role,
      ...members('ActionNames', need.actions),
      ...members('ResourceArns', [`arn:${partition}:${service}:${region}:${account}:${rest.join(':')}`]),
      ...Object.assign({}, ...Object.entries(need.context ?? {}).map(contextEntry)),
    };
    const answer = await findXml(
      look,
      queryQuestion('iam', '2010-05-08', 'SimulatePrincipalPolicy', parameters),
    );
    denied.push(
      ...elements(answer ?? '', 'member')
        .filter(isDenied)
        .flatMap((result) => elements(result, 'EvalActionName')),
    );
  }
  return [...new Set(denied)].map((action) => `${action} (${need.what})`);
}

function isDenied(result: string): boolean {
  return elements(result, 'EvalDecision').some((decision) => decision !== 'allowed');
}

function members(name: string, values: readonly string[]): Record<string, string> {
  return Object.fromEntries(values.map((value, at) => [`${name}.member.${at + 1}`, value]));
}

function contextEntry([key, value]: [string, string], at: number): Record<string, string> {
  const entry = `ContextEntries.member.${at + 1}`;
  return {
    [`${entry}.ContextKeyName`]: key,
    [`${entry}.ContextKeyType`]: 'string',
    [`${entry}.ContextKeyValues.member.1`]: value,
  };
}

function notPermitted(env: EnvironmentName, role: FunctionRole, denied: readonly string[]): Finding {
  return {
    code: 'permission-missing',
    explanation: `The role of ${nameOf(env, role)} may not do what it must: ${denied.join(', ')}.`,
    remedy: {
      text: 'Put back what was changed by hand: docs/deploy.md, section "Changed by hand". Or a permissions boundary, or a policy of the organization, forbids it.',
    },
  };
}

/** What providers see: the addresses of the NAT gateways of the refresh function's VPC. */
export async function examineEgress(look: Look): Promise<Examined> {
  const is = await configuration(look, 'refresh');
  if (!is) return { findings: [] };
  const vpc = is.VpcConfig?.VpcId;
  if (!vpc) return { findings: [], facts: { egress_addresses: [] } };
  const question = queryQuestion('ec2', '2016-11-15', 'DescribeNatGateways', {
    'Filter.1.Name': 'vpc-id',
    'Filter.1.Value.1': vpc,
    'Filter.2.Name': 'state',
    'Filter.2.Value.1': 'available',
  });
  const addresses = elements((await findXml(look, question)) ?? '', 'publicIp');
  // Without a gateway of its own, the VPC goes out by one that is not in it.
  return { findings: [], ...(addresses.length > 0 && { facts: { egress_addresses: addresses } }) };
}
