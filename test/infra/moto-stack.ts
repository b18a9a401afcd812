import assert from 'node:assert/strict';
import type { Boto3 } from './boto3.ts';
import { withoutGaps } from './moto-gaps.ts';
import { ACCOUNT, REGION, type ResolvableTemplate } from './resolve.ts';
import { resourcesOf } from './synthesis.ts';

const BUCKET = `cdk-hnb659fds-assets-${ACCOUNT}-${REGION}`;
const ALARM_ADDRESS = 'on-call@bank.example';

/** A resource that CloudFormation made. */
export interface MadeResource {
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId: string;
  readonly ResourceType: string;
}

/** What `cdk bootstrap` and the deployer prepare, then the stack, of what moto can make. Rejects unless it was made. */
export async function createStack(aws: Boto3, stackName: string, template: ResolvableTemplate) {
  await prepare(aws, template);
  await aws.call('cloudformation', 'create_stack', await request(aws, stackName, template));
  assert.equal(await statusOf(aws, stackName), 'CREATE_COMPLETE');
}

/** Applies a template to a stack that is there. */
export async function updateStack(aws: Boto3, stackName: string, template: ResolvableTemplate) {
  await aws.call('cloudformation', 'update_stack', await request(aws, stackName, template));
  assert.equal(await statusOf(aws, stackName), 'UPDATE_COMPLETE');
}

/** What applying a template would change, as `cdk diff` asks for it: `Modify AWS::Logs::LogGroup Id`. */
export async function changesOf(aws: Boto3, stackName: string, template: ResolvableTemplate) {
  const ChangeSetName = 'would-be';
  const changeSet = { StackName: stackName, ChangeSetName };
  await aws.call('cloudformation', 'create_change_set', {
    ...(await request(aws, stackName, template)),
    ChangeSetName,
    ChangeSetType: 'UPDATE',
  });
  type Change = { ResourceChange: { Action: string; ResourceType: string; LogicalResourceId: string } };
  const { Changes = [] } = await aws.call<{ Changes?: Change[] }>(
    'cloudformation',
    'describe_change_set',
    changeSet,
  );
  await aws.call('cloudformation', 'delete_change_set', changeSet);
  return Changes.map(
    ({ ResourceChange: { Action, ResourceType, LogicalResourceId } }) =>
      `${Action} ${ResourceType} ${LogicalResourceId}`,
  );
}

/** The stack's status, also when it is gone. */
export async function statusOf(aws: Boto3, stackName: string): Promise<string | undefined> {
  type Stacks = { StackSummaries: { StackName: string; StackStatus: string }[] };
  const { StackSummaries } = await aws.call<Stacks>('cloudformation', 'list_stacks');
  return StackSummaries.find((stack) => stack.StackName === stackName)?.StackStatus;
}

/** What the stack has made. A resource that moto does not make, it lists without a name. */
export async function madeBy(aws: Boto3, stackName: string): Promise<MadeResource[]> {
  type Resources = { StackResourceSummaries: MadeResource[] };
  const { StackResourceSummaries } = await aws.call<Resources>('cloudformation', 'list_stack_resources', {
    StackName: stackName,
  });
  return StackResourceSummaries.filter(({ LogicalResourceId }) => LogicalResourceId !== '');
}

/** The log groups of one environment; of both with an empty name. */
export async function logGroups(aws: Boto3, env: string) {
  type Groups = { logGroups: { logGroupName: string; retentionInDays?: number }[] };
  const { logGroups: all } = await aws.call<Groups>('logs', 'describe_log_groups');
  return all.filter(({ logGroupName }) => logGroupName.includes(`renova-${env}`));
}

/** The code is a stand-in: moto runs none without Docker. */
async function prepare(aws: Boto3, template: ResolvableTemplate) {
  for (const [Name, Value] of [
    ['/cdk-bootstrap/hnb659fds/version', '30'],
    ['/renova/prd/alarm-address', ALARM_ADDRESS],
  ]) {
    await aws.call('ssm', 'put_parameter', { Name, Value, Type: 'String', Overwrite: true });
  }
  await aws.call('s3', 'create_bucket', { Bucket: BUCKET });
  for (const { Properties } of resourcesOf(template, 'AWS::Lambda::Function')) {
    const { S3Key } = Properties.Code as { S3Key: string };
    await aws.call('s3', 'put_object', { Bucket: BUCKET, Key: S3Key, Body: 'a stand-in' });
  }
}

/** By way of the bucket, as the CDK does it: a template as an argument may have 51,200 bytes. */
async function request(aws: Boto3, stackName: string, template: ResolvableTemplate) {
  const Key = `${stackName}.json`;
  const Body = JSON.stringify(withoutGaps(template));
  await aws.call('s3', 'put_object', { Bucket: BUCKET, Key, Body });
  return {
    StackName: stackName,
    TemplateURL: `https://s3.amazonaws.com/${BUCKET}/${Key}`,
    Capabilities: ['CAPABILITY_IAM'],
  };
}
