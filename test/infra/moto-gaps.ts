import { type ResolvableTemplate, resolve, type TemplateResource } from './resolve.ts';

/**
 * Resource types that moto 5.2's CloudFormation does not make, each with why that is no loss here. A test asks moto
 * whether it is still so, and that no type is missing in moto but these.
 */
export const LACKING: ReadonlyMap<string, string> = new Map([
  ['AWS::ApiGatewayV2::Api', 'CloudFormation of moto has REST APIs only; asserted in runs.test.ts'],
  ['AWS::ApiGatewayV2::Integration', 'part of the API'],
  ['AWS::ApiGatewayV2::Route', 'part of the API'],
  ['AWS::ApiGatewayV2::Stage', 'part of the API'],
  ['AWS::CloudWatch::Alarm', 'moto makes alarms by its API only; asserted in alarms.test.ts'],
  ['AWS::CloudWatch::CompositeAlarm', 'moto makes alarms by its API only; asserted in alarms.test.ts'],
  ['AWS::Lambda::Alias', 'moto makes aliases by its API only; asserted in runs.test.ts'],
  ['AWS::Lambda::EventInvokeConfig', 'asserted in runs.test.ts'],
  ['AWS::SNS::Subscription', 'asserted in settings.test.ts and alerts.test.ts'],
  ['AWS::SNS::TopicPolicy', 'asserted in alerts.test.ts'],
  ['AWS::SQS::QueuePolicy', 'asserted in checklist.test.ts'],
  ['AWS::Scheduler::Schedule', 'asserted in runs.test.ts'],
  ['AWS::SecretsManager::Secret', 'made by generated-secrets.ts with the rules of the template instead'],
]);

/** Properties that moto 5.2 cannot take, as `type.property`. */
export const UNREADABLE: ReadonlyMap<string, string> = new Map([
  [
    'AWS::KMS::Key.Tags',
    "moto wants TagKey and TagValue, as KMS's own API has them, where CloudFormation has Key",
  ],
]);

/** The template without what moto lacks; what refers to that refers to its ARN instead. */
export function withoutGaps(template: ResolvableTemplate): ResolvableTemplate {
  const entries = Object.entries(template.Resources);
  const lacking = new Set(entries.filter(([, { Type }]) => LACKING.has(Type)).map(([id]) => id));
  const resources = entries
    .filter(([id]) => !lacking.has(id))
    .map(([id, resource]) => [id, readable(resource)] as const);
  return {
    ...template,
    Resources: standIns(template, Object.fromEntries(resources), lacking),
    Outputs: standIns(template, template.Outputs, lacking),
  };
}

function readable(resource: TemplateResource): TemplateResource {
  const properties = Object.entries(resource.Properties).filter(
    ([name]) => !UNREADABLE.has(`${resource.Type}.${name}`),
  );
  const Properties = Object.fromEntries(properties);
  // It knows no other way to retain something; when a stack is deleted both are the same.
  const isRetained = resource.DeletionPolicy === 'RetainExceptOnCreate';
  return { ...resource, Properties, ...(isRetained && { DeletionPolicy: 'Retain' }) };
}

function standIns<T>(template: ResolvableTemplate, value: T, lacking: ReadonlySet<string>): T {
  const replace = (each: unknown): unknown => {
    if (Array.isArray(each)) return each.map(replace);
    if (typeof each !== 'object' || each === null) return each;
    const [[name, operand] = ['', undefined]] = Object.entries(each);
    const [id] = name === 'Ref' || name === 'Fn::GetAtt' ? [operand].flat() : [];
    if (typeof id === 'string' && lacking.has(id)) return resolve(template, each);
    return Object.fromEntries(Object.entries(each).map(([key, item]) => [key, replace(item)]));
  };
  return replace(value) as T;
}
