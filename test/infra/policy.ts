import { type ResolvableTemplate, resolve } from './resolve.ts';
import { resourcesOf } from './synthesis.ts';

/** A statement of an identity policy, resolved; actions and resources are always lists. */
export interface Statement {
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly condition?: unknown;
}

/** The statements of the role that the function `functionName` runs with. */
export function statementsOf(template: ResolvableTemplate, functionName: string): Statement[] {
  const deployed = resourcesOf(template, 'AWS::Lambda::Function').find(
    ({ Properties }) => Properties.FunctionName === functionName,
  );
  if (!deployed) throw new Error(`The template has no function ${functionName}.`);
  const [roleId] = (deployed.Properties.Role as { 'Fn::GetAtt': [string, string] })['Fn::GetAtt'];
  return policies(template)
    .filter(({ roleIds }) => roleIds.includes(roleId))
    .flatMap(({ statements }) => statements);
}

/** Every identity policy of the stack. */
export function policies(template: ResolvableTemplate) {
  return resourcesOf(template, 'AWS::IAM::Policy').map(({ id, Properties }) => {
    const { Statement } = Properties.PolicyDocument as { Statement: RawStatement[] };
    return {
      id,
      roleIds: (Properties.Roles as { Ref: string }[]).map(({ Ref }) => Ref),
      statements: Statement.map(({ Effect, Action, Resource, Condition }) => ({
        effect: Effect,
        actions: [Action].flat(),
        resources: [Resource].flat().map((resource) => String(resolve(template, resource))),
        condition: Condition,
      })),
    };
  });
}

interface RawStatement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/**
 * Whether IAM would allow it, conditions aside: no statement denies it and one allows it. `*` and `?` match as IAM
 * matches them: slashes and colons too.
 */
export function isAllowed(statements: readonly Statement[], action: string, arn: string): boolean {
  const effects = statements
    .filter(
      ({ actions, resources }) =>
        actions.some((pattern) => matches(pattern, action)) &&
        resources.some((pattern) => matches(pattern, arn)),
    )
    .map(({ effect }) => effect);
  return effects.includes('Allow') && !effects.includes('Deny');
}

function matches(pattern: string, text: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 's').test(text);
}
