import { Token } from 'aws-cdk-lib';
import type { ExistingVpc, RenovaSettings } from '../settings.ts';
import { isObject, type Rule } from './rule.ts';

/** Where the refresh function runs, and the addresses that it has there. */
export function networkRules({ network, egressZones, egressAllocationIds }: RenovaSettings): Rule[] {
  return [
    ...(typeof network === 'object' && network !== null ? existingVpcRules(network) : [networkRule(network)]),
    { setting: 'egressZones', isGood: [1, 2].includes(egressZones), expected: '1 or 2' },
    {
      setting: 'egressAllocationIds',
      isGood:
        egressAllocationIds === undefined ||
        (isListOf(egressAllocationIds, (each) => isId(each, 'eipalloc')) &&
          new Set(egressAllocationIds).size === egressZones),
      expected: 'one id (eipalloc-…) for each of egressZones',
    },
  ];
}

function networkRule(network: unknown): Rule {
  return {
    setting: 'network',
    isGood: network === 'default' || network === 'fixed-address',
    expected: 'default, fixed-address or { vpc, subnets, securityGroups }',
  };
}

/** Ids are looked at as far as they are known at the synthesis: those of constructs are not. */
function existingVpcRules({ vpc, subnets, securityGroups, ...unknown }: ExistingVpc): Rule[] {
  return [
    ...Object.keys(unknown).map((member) => ({
      setting: `network.${member}`,
      isGood: false,
      expected: 'one of vpc, subnets, securityGroups',
    })),
    {
      setting: 'network.vpc',
      isGood: isId(vpc, 'vpc') || isConstruct(vpc, 'vpcId'),
      expected: 'the id of a VPC (vpc-…), or a VPC of the CDK',
    },
    {
      setting: 'network.subnets',
      isGood: Array.isArray(subnets)
        ? isListOf(subnets, (each) => isId(each, 'subnet') || isConstruct(each, 'subnetId'))
        : isConstruct(vpc, 'vpcId') && (subnets === undefined || isObject(subnets)),
      expected: 'one id (subnet-…) or more of private subnets with a way out',
    },
    {
      setting: 'network.securityGroups',
      isGood:
        securityGroups === undefined ||
        isListOf(securityGroups, (each) => isId(each, 'sg') || isConstruct(each, 'securityGroupId')),
      expected: 'one id (sg-…) or more, or nothing',
    },
  ];
}

function isId(value: unknown, prefix: string): boolean {
  return (
    typeof value === 'string' &&
    (Token.isUnresolved(value) || new RegExp(`^${prefix}-[0-9a-f]+$`).test(value))
  );
}

function isConstruct(value: unknown, idProperty: string): boolean {
  return isObject(value) && idProperty in value;
}

function isListOf(value: unknown, isGood: (each: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isGood);
}
