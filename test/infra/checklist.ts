import { ACCOUNT, type ResolvableTemplate } from './resolve.ts';
import { TYPES } from './resource-types.ts';
import { allStatements } from './statements.ts';

/** What is wrong with a template, one line each; empty when nothing is. */
export type Check = (template: ResolvableTemplate) => string[];

/** Why a resource of an identity's policy may have a wildcard. What is not listed here may have none. */
export const WILDCARDS: readonly { readonly resource: RegExp; readonly because: string }[] = [
  {
    resource: /:log-group:\/aws\/(lambda|vendedlogs)\/renova-[a-z]+-[a-z]+:\*$/,
    because: 'the streams of its own log group',
  },
  {
    resource: /:secret:renova\/(hml|prd)\/(app\/\*|\*\/(client|rescue)(-\?{6})?)$/,
    because: 'one kind of secret of every credential; Secrets Manager adds a hyphen and six characters',
  },
  {
    resource: /:secret:renova\/(hml|prd)\/\*\/token\/\*$/,
    because: 'every lane of every credential',
  },
  {
    resource: /:parameter\/renova\/(hml|prd)\/\*\/token$/,
    because: 'the parameter of every credential',
  },
  { resource: /^\*$/, because: 'X-Ray knows no resources, nor does Lambda in a VPC' },
];

/** The actions that may have `*` for a resource. */
const WITHOUT_RESOURCES = [
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

/**
 * Nothing is allowed by a pattern of actions, or by what it is not. A denial may have patterns, and so may the policy
 * of an endpoint: they only take away.
 */
export const wildcardActions: Check = (template) =>
  allStatements(template)
    .filter(({ allows, kind }) => allows && kind !== 'endpoint')
    .flatMap(({ id, actions, negations }) => [
      ...actions.filter((action) => /[*?]/.test(action)).map((action) => `${id} allows ${action}`),
      ...negations.map((name) => `${id} allows by ${name}`),
    ]);

/** Nothing is allowed on a pattern of resources without a reason. In a key's policy, `*` is that key. */
export const wildcardResources: Check = (template) =>
  allStatements(template)
    .filter(({ allows, kind }) => allows && kind !== 'key' && kind !== 'endpoint')
    .flatMap(({ id, actions, resources }) =>
      resources
        .filter((resource) => /[*?]/.test(resource))
        .filter(
          (resource) =>
            !WILDCARDS.some((wildcard) => wildcard.resource.test(resource)) ||
            (resource === '*' && actions.some((action) => !WITHOUT_RESOURCES.includes(action))),
        )
        .map((resource) => `${id} allows ${actions.join(' ')} on ${resource}`),
    );

/** Nothing can be reached without being somebody. */
export const openDoors: Check = (template) => [
  ...allStatements(template)
    .filter(({ allows, principal }) => allows && JSON.stringify(principal ?? null).includes('"*"'))
    .filter(({ kind, condition }) => kind !== 'endpoint' || !isOfOwnAccount(condition))
    .map(({ id }) => `${id} allows everybody`),
  ...Object.entries(template.Resources).flatMap(([id, { Type, Properties }]) => {
    if (Type === 'AWS::ApiGatewayV2::Route' && Properties.AuthorizationType !== 'AWS_IAM') {
      return [`${id} is a route without IAM`];
    }
    if (Type === 'AWS::Lambda::Permission' && (Properties.Principal === '*' || !Properties.SourceArn)) {
      return [`${id} lets in more than one source`];
    }
    return [];
  }),
];

/** The principal of an endpoint's policy is always everybody, and a condition says who. */
function isOfOwnAccount(condition: unknown): boolean {
  const { StringEquals } = (condition ?? {}) as { StringEquals?: Record<string, unknown> };
  return StringEquals?.['aws:PrincipalAccount'] === ACCOUNT;
}

/** Every resource is of a type that was thought about, and what holds data is encrypted. */
export const unencrypted: Check = (template) =>
  Object.entries(template.Resources).flatMap(([id, { Type, Properties }]) => {
    const rules = TYPES[Type];
    if (!rules) return [`${id} is of the type ${Type}, about which nothing is decided`];
    const { isEncrypted } = rules;
    return typeof isEncrypted === 'function' && !isEncrypted(Properties) ? [`${id} is not encrypted`] : [];
  });

/** Every resource that can be says which application and environment it is of. */
export function untagged(environment: string): Check {
  const expected = { app: 'renova', environment };
  return (template) =>
    Object.entries(template.Resources)
      .filter(([, { Type }]) => TYPES[Type]?.isTaggable !== false)
      .filter(([, { Properties }]) => {
        const tags = tagsOf(Properties.Tags);
        return Object.entries(expected).some(([key, value]) => tags[key] !== value);
      })
      .map(([id]) => `${id} is not tagged`);
}

/** Of lists, and of the object that an API of API Gateway has. */
function tagsOf(tags: unknown): Record<string, unknown> {
  if (!Array.isArray(tags)) return { ...(tags as object | undefined) };
  return Object.fromEntries(tags.map(({ Key, Value }: { Key: string; Value: string }) => [Key, Value]));
}

/** Every log ends, and nobody logs to a group that Lambda or API Gateway would make without an end. */
export const endlessLogs: Check = (template) =>
  Object.entries(template.Resources).flatMap(([id, { Type, Properties }]) => {
    if (Type === 'AWS::Logs::LogGroup') {
      return Number(Properties.RetentionInDays) > 0 ? [] : [`${id} is kept for ever`];
    }
    const logs = Type === 'AWS::Lambda::Function' ? Properties.LoggingConfig : undefined;
    const group = (logs as { LogGroup?: { Ref?: string } } | undefined)?.LogGroup?.Ref;
    const isOurs = template.Resources[group ?? '']?.Type === 'AWS::Logs::LogGroup';
    return Type !== 'AWS::Lambda::Function' || isOurs ? [] : [`${id} logs to a group of its own making`];
  });

/** What holds state outlives the stack, and its replacement; what may go is named by {@link PASSING}. */
export const losable: Check = (template) =>
  Object.entries(template.Resources)
    .filter(([id, { Type }]) => TYPES[Type]?.holdsState !== false && !PASSING.has(id))
    .filter(
      ([, { DeletionPolicy, UpdateReplacePolicy }]) =>
        DeletionPolicy !== 'RetainExceptOnCreate' || UpdateReplacePolicy !== 'Retain',
    )
    .map(([id]) => `${id} goes with its stack`);

/** State that may go with its stack. */
export const PASSING: ReadonlyMap<string, string> = new Map([
  ['AlertsKey9E1197AF', 'encrypts mails on their way, and nothing that stays'],
  ['AlertsUndelivered89951F36', 'alerts about a stack that is gone'],
  ['TickScheduleUndelivered8B0736CE', 'ticks that are over'],
]);
