import { type ResolvableTemplate, resolve, type TemplateResource } from './resolve.ts';

/** A statement of any policy in a template, resolved; actions and resources are always lists. */
export interface AnyStatement {
  /** The resource of the template that it is in. */
  readonly id: string;
  /** Says what an identity may do, or who may do something to what the policy is attached to. */
  readonly kind: 'identity' | 'trust' | 'key' | 'topic' | 'queue' | 'endpoint';
  readonly allows: boolean;
  readonly principal: unknown;
  readonly condition: unknown;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** `NotAction`, `NotPrincipal`, `NotResource`: what they allow has no end. */
  readonly negations: readonly string[];
}

/** Every statement of every policy of a template. Throws for a policy in a place it does not know. */
export function allStatements(template: ResolvableTemplate): AnyStatement[] {
  return Object.entries(template.Resources).flatMap(([id, resource]) =>
    documentsOf(id, resource).flatMap(([kind, document]) =>
      (document.Statement as RawStatement[]).map((statement) => ({
        id,
        kind,
        allows: statement.Effect === 'Allow',
        principal: resolve(template, statement.Principal),
        condition: resolve(template, statement.Condition),
        actions: [statement.Action ?? []].flat(),
        resources: [statement.Resource ?? []].flat().map((each) => String(resolve(template, each))),
        negations: Object.keys(statement).filter((name) => name.startsWith('Not')),
      })),
    ),
  );
}

interface RawStatement {
  readonly Effect: string;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
  readonly Action?: string | string[];
  readonly Resource?: unknown;
}

interface Document {
  readonly Statement: unknown;
}

const KINDS: Readonly<Record<string, AnyStatement['kind']>> = {
  'AWS::IAM::Policy.PolicyDocument': 'identity',
  'AWS::IAM::Role.AssumeRolePolicyDocument': 'trust',
  'AWS::KMS::Key.KeyPolicy': 'key',
  'AWS::SNS::TopicPolicy.PolicyDocument': 'topic',
  'AWS::EC2::VPCEndpoint.PolicyDocument': 'endpoint',
  'AWS::SQS::QueuePolicy.PolicyDocument': 'queue',
};

function documentsOf(id: string, { Type, Properties }: TemplateResource): [AnyStatement['kind'], Document][] {
  return Object.entries(Properties)
    .filter((property): property is [string, Document] => JSON.stringify(property[1]).includes('"Statement"'))
    .map(([name, document]) => {
      const kind = KINDS[`${Type}.${name}`];
      if (!kind) throw new Error(`${id}: a policy in ${Type}.${name}, which no check reads.`);
      return [kind, document];
    });
}
