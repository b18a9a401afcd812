type Properties = Readonly<Record<string, unknown>>;

/** What the checklist has to know of a type of resources. */
export interface TypeRules {
  /** Loses something when it is deleted. */
  readonly holdsState: boolean;
  /** CloudFormation takes tags for it. */
  readonly isTaggable: boolean;
  /** Whether one is encrypted; or by whom all are; or that there is nothing to encrypt. */
  readonly isEncrypted: ((properties: Properties) => boolean) | 'by AWS, always' | 'holds nothing';
}

const settings = (isTaggable: boolean): TypeRules => ({
  holdsState: false,
  isTaggable,
  isEncrypted: 'holds nothing',
});

/** Every type of the stack. A type that is not here is a finding: whoever adds it decides. */
export const TYPES: Readonly<Record<string, TypeRules>> = {
  'AWS::DynamoDB::Table': {
    holdsState: true,
    isTaggable: true,
    isEncrypted: ({ SSESpecification }) => {
      const { SSEEnabled, KMSMasterKeyId } = (SSESpecification ?? {}) as Properties;
      return SSEEnabled === true && KMSMasterKeyId !== undefined;
    },
  },
  'AWS::SecretsManager::Secret': { holdsState: true, isTaggable: true, isEncrypted: 'by AWS, always' },
  'AWS::KMS::Key': {
    holdsState: true,
    isTaggable: true,
    isEncrypted: ({ EnableKeyRotation }) => EnableKeyRotation === true,
  },
  'AWS::SNS::Topic': {
    holdsState: false,
    isTaggable: true,
    isEncrypted: ({ KmsMasterKeyId }) => KmsMasterKeyId !== undefined,
  },
  'AWS::SQS::Queue': {
    holdsState: true,
    isTaggable: true,
    isEncrypted: ({ SqsManagedSseEnabled, KmsMasterKeyId }) =>
      SqsManagedSseEnabled === true || KmsMasterKeyId !== undefined,
  },
  // What was done is told by them for as long as they are kept, and they go with what did it.
  'AWS::Logs::LogGroup': { holdsState: false, isTaggable: true, isEncrypted: 'by AWS, always' },

  // What the bank allows is not got back.
  'AWS::EC2::EIP': { holdsState: true, isTaggable: true, isEncrypted: 'holds nothing' },

  'AWS::ApiGatewayV2::Api': settings(true),
  'AWS::ApiGatewayV2::Stage': settings(true),
  'AWS::CloudWatch::Alarm': settings(true),
  'AWS::CloudWatch::CompositeAlarm': settings(true),
  'AWS::EC2::FlowLog': settings(true),
  'AWS::EC2::InternetGateway': settings(true),
  'AWS::EC2::NatGateway': settings(true),
  'AWS::EC2::RouteTable': settings(true),
  'AWS::EC2::SecurityGroup': settings(true),
  'AWS::EC2::Subnet': settings(true),
  'AWS::EC2::VPC': settings(true),
  'AWS::EC2::VPCEndpoint': settings(true),
  'AWS::Events::Rule': settings(true),
  'AWS::IAM::Role': settings(true),
  'AWS::Lambda::Function': settings(true),

  'AWS::ApiGatewayV2::Integration': settings(false),
  'AWS::ApiGatewayV2::Route': settings(false),
  'AWS::CloudWatch::Dashboard': settings(false),
  'AWS::EC2::Route': settings(false),
  'AWS::EC2::SubnetRouteTableAssociation': settings(false),
  'AWS::EC2::VPCGatewayAttachment': settings(false),
  'AWS::IAM::Policy': settings(false),
  'AWS::KMS::Alias': settings(false),
  'AWS::Lambda::Alias': settings(false),
  'AWS::Lambda::EventInvokeConfig': settings(false),
  'AWS::Lambda::Permission': settings(false),
  'AWS::SNS::Subscription': settings(false),
  'AWS::SNS::TopicPolicy': settings(false),
  'AWS::SQS::QueuePolicy': settings(false),
  'AWS::Scheduler::Schedule': settings(false),
};
