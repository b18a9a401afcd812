import { ArnFormat, Stack } from 'aws-cdk-lib';
import { type ISubnet, type IVpc, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnFunction, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { type EnvironmentName, names } from '../shared/config/names.ts';
import { createFunctionGroup, FixedAddress } from './fixed-address.ts';
import type { OwnKeys } from './own-keys.ts';
import type { ExistingVpc, RenovaSettings } from './settings.ts';

/** Where the refresh function runs, and what providers see of it. */
export interface Placement {
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
  /** The addresses that providers see, where this stack allocated them. */
  readonly addresses: readonly string[];
  /** The same as EC2 knows them, also where they were there before. */
  readonly allocationIds: readonly string[];
}

export interface NetworkProps {
  readonly env: EnvironmentName;
  readonly settings: RenovaSettings;
  readonly keys: OwnKeys;
}

/** Makes what the setting asks for. Nothing for `default`: a function that is in no VPC reaches everything. */
export function createNetwork(
  scope: Construct,
  { env, settings, keys }: NetworkProps,
): Placement | undefined {
  const { network } = settings;
  if (network === 'default') return undefined;
  if (network === 'fixed-address') return new FixedAddress(scope, 'Network', { env, settings, keys });
  return placeIn(scope, env, network);
}

function placeIn(
  scope: Construct,
  env: EnvironmentName,
  { vpc, subnets, securityGroups }: ExistingVpc,
): Placement {
  const ownGroup = () =>
    createFunctionGroup(scope, env, typeof vpc === 'string' ? vpc : vpc.vpcId).attrGroupId;
  return {
    subnetIds: subnetIdsOf(vpc, subnets),
    securityGroupIds: securityGroups?.map((each) =>
      typeof each === 'string' ? each : each.securityGroupId,
    ) ?? [ownGroup()],
    addresses: [],
    allocationIds: [],
  };
}

function subnetIdsOf(vpc: string | IVpc, subnets: ExistingVpc['subnets']): string[] {
  if (isList(subnets)) return subnets.map((each) => (typeof each === 'string' ? each : each.subnetId));
  if (typeof vpc === 'string') return [];
  return vpc.selectSubnets(subnets ?? { subnetType: SubnetType.PRIVATE_WITH_EGRESS }).subnetIds;
}

function isList(subnets: ExistingVpc['subnets']): subnets is readonly (string | ISubnet)[] {
  return Array.isArray(subnets);
}

/**
 * Puts a function into its place, with the rights that Lambda needs there. Those are Lambda's own: the code of the
 * function is denied them, as Lambda's developer guide advises ("Giving Lambda functions access to resources in an
 * Amazon VPC").
 */
export function place(placed: LambdaFunction, env: EnvironmentName, placement: Placement): void {
  const { node } = placed;
  if (!(node.defaultChild instanceof CfnFunction)) throw new TypeError('A function without its resource.');
  node.defaultChild.vpcConfig = {
    subnetIds: [...placement.subnetIds],
    securityGroupIds: [...placement.securityGroupIds],
  };
  // The first tick finds its routes and endpoints.
  if (placement instanceof FixedAddress) node.addDependency(placement);
  const functionArn = Stack.of(placed).formatArn({
    service: 'lambda',
    resource: 'function',
    resourceName: names(env).refreshFunction,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  const interfaces = { actions: NETWORK_INTERFACES, resources: ['*'] };
  placed.addToRolePolicy(new PolicyStatement({ sid: 'Network', effect: Effect.ALLOW, ...interfaces }));
  placed.addToRolePolicy(
    new PolicyStatement({
      sid: 'NetworkByLambdaAlone',
      effect: Effect.DENY,
      ...interfaces,
      conditions: { ArnEquals: { 'lambda:SourceFunctionArn': functionArn } },
    }),
  );
}

/** What Lambda does in the name of a function's role. It asks for them on all resources. */
const NETWORK_INTERFACES = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];
