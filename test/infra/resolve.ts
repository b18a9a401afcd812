/** A template as far as these tests read it. */
export interface ResolvableTemplate {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Parameters?: Readonly<Record<string, { readonly Default?: unknown }>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown }>>;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** Where the resolved template would be deployed. */
export const REGION = 'us-east-1';
export const ACCOUNT = '000000000000';
/** What stands for the six characters that Secrets Manager ends an ARN with. */
export const SECRET_SUFFIX = '-aaaaaa';

/** `value` with every intrinsic function replaced by what CloudFormation would put there. */
export function resolve(template: ResolvableTemplate, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(template, item));
  if (typeof value !== 'object' || value === null) return value;
  const [[name, operand] = ['', undefined]] = Object.entries(value);
  if (name === 'Ref') return reference(template, String(operand));
  if (name === 'Fn::GetAtt') {
    const [id, attribute] = operand as [string, string];
    return attribute === 'Arn' ? arn(template, id) : `<${id}.${attribute}>`;
  }
  if (name === 'Fn::Join') {
    const [separator, parts] = operand as [string, unknown[]];
    return parts.map((part) => resolve(template, part)).join(separator);
  }
  if (name === 'Fn::Split') {
    const [separator, joined] = operand as [string, unknown];
    return String(resolve(template, joined)).split(separator);
  }
  if (name === 'Fn::Select') {
    const [at, list] = operand as [number, unknown];
    return (resolve(template, list) as unknown[])[at];
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(template, item)]));
}

function reference(template: ResolvableTemplate, id: string): string {
  const pseudo = PSEUDO.get(id);
  if (pseudo) return pseudo;
  if (template.Parameters?.[id]) return `<${id}>`;
  const { Type, Properties } = resourceOf(template, id);
  if (NAMED_BY_ARN.has(Type)) return arn(template, id);
  const nameProperty = NAME_PROPERTIES.get(Type);
  return nameProperty ? String(Properties[nameProperty]) : `<${id}>`;
}

function arn(template: ResolvableTemplate, id: string): string {
  const { Type, Properties } = resourceOf(template, id);
  const place = `${REGION}:${ACCOUNT}`;
  switch (Type) {
    case 'AWS::DynamoDB::Table':
      return `arn:aws:dynamodb:${place}:table/${Properties.TableName}`;
    case 'AWS::Lambda::Function':
      return `arn:aws:lambda:${place}:function:${Properties.FunctionName}`;
    case 'AWS::Lambda::Alias':
      return `arn:aws:lambda:${place}:function:${resolve(template, Properties.FunctionName)}:${Properties.Name}`;
    case 'AWS::Logs::LogGroup':
      return `arn:aws:logs:${place}:log-group:${Properties.LogGroupName}:*`;
    case 'AWS::SecretsManager::Secret':
      return `arn:aws:secretsmanager:${place}:secret:${Properties.Name}${SECRET_SUFFIX}`;
    case 'AWS::KMS::Key':
      return `arn:aws:kms:${place}:key/${id}`;
    case 'AWS::SNS::Topic':
      return `arn:aws:sns:${place}:${Properties.TopicName}`;
    case 'AWS::CloudWatch::Alarm':
      return `arn:aws:cloudwatch:${place}:alarm:${Properties.AlarmName}`;
    case 'AWS::SQS::Queue':
      return `arn:aws:sqs:${place}:${Properties.QueueName}`;
    default:
      return `<${id}.Arn>`;
  }
}

function resourceOf(template: ResolvableTemplate, id: string): TemplateResource {
  const resource = template.Resources[id];
  if (!resource) throw new Error(`The template has no resource ${id}.`);
  return resource;
}

const PSEUDO: ReadonlyMap<string, string> = new Map([
  ['AWS::Partition', 'aws'],
  ['AWS::Region', REGION],
  ['AWS::AccountId', ACCOUNT],
  ['AWS::URLSuffix', 'amazonaws.com'],
]);

/** Types of which `Ref` is the ARN. */
const NAMED_BY_ARN: ReadonlySet<string> = new Set([
  'AWS::Lambda::Alias',
  'AWS::SecretsManager::Secret',
  'AWS::SNS::Topic',
]);

const NAME_PROPERTIES: ReadonlyMap<string, string> = new Map([
  ['AWS::DynamoDB::Table', 'TableName'],
  ['AWS::Lambda::Function', 'FunctionName'],
  ['AWS::Logs::LogGroup', 'LogGroupName'],
]);
