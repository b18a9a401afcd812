import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Renova } from '../../infra/renova.ts';
import type { ExistingVpc } from '../../infra/settings.ts';
import { ENVIRONMENTS, type EnvironmentName, names } from '../../shared/config/names.ts';
import {
  endlessLogs,
  losable,
  openDoors,
  unencrypted,
  untagged,
  wildcardActions,
  wildcardResources,
} from './checklist.ts';
import { statementsOf } from './policy.ts';
import { type ResolvableTemplate, resolve } from './resolve.ts';
import { quickApp, resourcesOf, synthesize } from './synthesis.ts';

type Properties = Readonly<Record<string, unknown>>;

/** Services that the refresh function reaches from its VPC, each by an endpoint of its own. */
const ENDPOINTS: Readonly<Record<string, 'Gateway' | 'Interface'>> = {
  dynamodb: 'Gateway',
  secretsmanager: 'Interface',
  events: 'Interface',
};

/** Services that it reaches as it reaches providers: what they are late with is made good, and told by other ways. */
const BY_NAT = ['ssm'];

/** Services in its policies that it does not call over its network, each with who does. */
const CALLED_BY_OTHERS: Readonly<Record<string, string>> = {
  logs: 'Lambda takes what is printed out of the container',
  xray: 'Lambda takes traces out of the container',
  kms: 'DynamoDB asks for the key of its tables',
  ec2: 'Lambda makes the network interfaces',
};

for (const env of ENVIRONMENTS) {
  const zones = env === 'prd' ? 2 : 1;
  describe(`the refresh function of ${env} with a fixed address`, () => {
    const synthesis = synthesize(env, { settings: { network: 'fixed-address' } });
    after(() => synthesis[Symbol.dispose]());
    const { template } = synthesis;
    const { refreshFunction } = names(env);
    const network = networkOf(template);
    const { SubnetIds: subnets, SecurityGroupIds: groups } =
      vpcConfigOf(template, refreshFunction) ?? assert.fail();

    it(`runs in ${zones} private subnet(s), each in a zone of its own`, () => {
      assert.equal(subnets.length, zones);
      const placed = subnets.map((id) => network.properties(id));
      assert.equal(
        new Set(placed.map(({ AvailabilityZone }) => JSON.stringify(AvailabilityZone))).size,
        zones,
      );
      for (const { MapPublicIpOnLaunch } of placed) assert.equal(MapPublicIpOnLaunch, false);
    });

    it('is alone in it: reads and commands go on without', () => {
      const { readFunction, adminFunction } = names(env);
      for (const name of [readFunction, adminFunction])
        assert.equal(vpcConfigOf(template, name), undefined, name);
    });

    it('reaches each service that its policies name, by an endpoint or as a provider, unless somebody else calls it', () => {
      const services = statementsOf(template, refreshFunction).flatMap(({ actions }) =>
        actions.map((action) => action.split(':')[0] ?? ''),
      );
      const called = [...new Set(services)].filter((service) => !Object.hasOwn(CALLED_BY_OTHERS, service));
      assert.deepEqual(called.sort(), [...Object.keys(ENDPOINTS), ...BY_NAT].sort());
      for (const service of Object.keys(ENDPOINTS))
        assert.equal(network.wayTo(service, subnets, groups), ENDPOINTS[service], service);
    });

    it('reaches providers from every subnet by HTTPS, through an address of its zone', () => {
      const addresses = subnets.map((subnet) => network.addressOf(subnet));
      assert.equal(new Set(addresses).size, zones);
      for (const group of groups) {
        assert.deepEqual(
          (network.properties(group).SecurityGroupEgress as Properties[]).map(
            ({ Description, ...rule }) => rule,
          ),
          [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '0.0.0.0/0' }],
        );
      }
    });

    it('is reached by nobody: ticks and invocations come through Lambda, not over its network', () => {
      for (const group of groups) assert.equal(network.properties(group).SecurityGroupIngress, undefined);
      const rules = resourcesOf(template, 'AWS::EC2::SecurityGroupIngress');
      assert.deepEqual(rules, []);
    });

    it('may not use the rights to network interfaces itself, which are those of Lambda', () => {
      const [allowed, denied, ...others] = statementsOf(template, refreshFunction).filter(({ actions }) =>
        actions.some((action) => action.startsWith('ec2:')),
      );
      assert.deepEqual(others, []);
      assert.deepEqual([allowed?.effect, denied?.effect], ['Allow', 'Deny']);
      assert.deepEqual(denied?.actions, allowed?.actions);
      assert.deepEqual(resolve(template, denied?.condition), {
        ArnEquals: {
          'lambda:SourceFunctionArn': `arn:aws:lambda:us-east-1:000000000000:function:${refreshFunction}`,
        },
      });
    });

    it('is made after its routes and endpoints, so that the first tick finds its way', () => {
      const [, deployed] =
        Object.entries(template.Resources).find(
          ([, { Properties }]) => Properties.FunctionName === refreshFunction,
        ) ?? [];
      const waitsFor = (deployed as { DependsOn?: string[] } | undefined)?.DependsOn ?? [];
      for (const type of ['Route', 'VPCEndpoint', 'SubnetRouteTableAssociation']) {
        for (const { id } of resourcesOf(template, `AWS::EC2::${type}`)) assert.ok(waitsFor.includes(id), id);
      }
    });

    it('keeps its addresses when the stack goes or is made anew, but not when its first deployment fails', () => {
      const addresses = resourcesOf(template, 'AWS::EC2::EIP');
      assert.equal(addresses.length, zones);
      for (const { DeletionPolicy, UpdateReplacePolicy } of addresses) {
        assert.deepEqual([DeletionPolicy, UpdateReplacePolicy], ['RetainExceptOnCreate', 'Retain']);
      }
    });

    it('has its addresses put out', () => {
      const put = String(resolve(template, template.Outputs?.EgressAddresses?.Value)).split(' ');
      assert.deepEqual(
        put,
        resourcesOf(template, 'AWS::EC2::EIP').map(({ id }) => `<${id}.PublicIp>`),
      );
    });

    it('has every connection logged, for as long as other logs are kept', () => {
      const [flows, ...others] = resourcesOf(template, 'AWS::EC2::FlowLog');
      assert.deepEqual(others, []);
      const { ResourceType, TrafficType, LogGroupName } = resolve(template, flows?.Properties) as Properties;
      assert.deepEqual([ResourceType, TrafficType], ['VPC', 'ALL']);
      assert.equal(LogGroupName, `/aws/vendedlogs/renova-${env}-flows`);
    });

    it('passes the checks that the stack passes without', () => {
      const checks = [
        wildcardActions,
        wildcardResources,
        openDoors,
        unencrypted,
        untagged(env),
        endlessLogs,
        losable,
      ];
      for (const check of checks) assert.deepEqual(check(template), []);
    });

    it('has endpoints that serve this account alone, and take in nothing but the function', () => {
      for (const { Properties } of resourcesOf(template, 'AWS::EC2::VPCEndpoint')) {
        const { Statement } = resolve(template, Properties.PolicyDocument) as { Statement: Properties[] };
        assert.deepEqual(
          Statement.map(({ Condition }) => Condition),
          [{ StringEquals: { 'aws:PrincipalAccount': '000000000000' } }],
        );
      }
      const ingress = resourcesOf(template, 'AWS::EC2::SecurityGroup').flatMap(
        ({ Properties }) => (Properties.SecurityGroupIngress ?? []) as Properties[],
      );
      assert.deepEqual(
        ingress.map(({ SourceSecurityGroupId }) => network.idOf(SourceSecurityGroupId)),
        groups,
      );
    });
  });
}

describe('a fixed address', () => {
  it('can be one that is there already: that of a stack that is gone', () => {
    const egressAllocationIds = ['eipalloc-0123456789abcdef0', 'eipalloc-0fedcba9876543210'];
    using synthesis = synthesize('prd', { settings: { network: 'fixed-address', egressAllocationIds } });
    const { template } = synthesis;
    assert.deepEqual(resourcesOf(template, 'AWS::EC2::EIP'), []);
    const gateways = resourcesOf(template, 'AWS::EC2::NatGateway');
    assert.deepEqual(
      gateways.map(({ Properties }) => Properties.AllocationId),
      egressAllocationIds,
    );
    assert.equal(template.Outputs?.EgressAllocationIds?.Value, egressAllocationIds.join(' '));
    assert.equal(template.Outputs?.EgressAddresses, undefined);
  });
});

describe('a VPC that is there already', () => {
  const ids = {
    vpc: 'vpc-0123456789abcdef0',
    subnets: ['subnet-0123456789abcdef0', 'subnet-0fedcba9876543210'],
  };

  it('takes in the refresh function alone, and nothing is made but its rules', () => {
    using synthesis = synthesize('prd', {
      settings: { network: { ...ids, securityGroups: ['sg-0123456789abcdef0'] } },
    });
    const { template } = synthesis;
    assert.deepEqual(vpcConfigOf(template, 'renova-prd-refresh'), {
      SubnetIds: ids.subnets,
      SecurityGroupIds: ['sg-0123456789abcdef0'],
    });
    for (const name of ['renova-prd-read', 'renova-prd-admin'])
      assert.equal(vpcConfigOf(template, name), undefined);
    assert.deepEqual(ec2Of(template), []);
  });

  it('gets a security group that lets HTTPS out and nothing in, when none is named', () => {
    using synthesis = synthesize('prd', { settings: { network: ids } });
    const { template } = synthesis;
    const [group, ...others] = resourcesOf(template, 'AWS::EC2::SecurityGroup');
    assert.deepEqual(others, []);
    assert.equal(group?.Properties.VpcId, 'vpc-0123456789abcdef0');
    assert.equal(group?.Properties.SecurityGroupIngress, undefined);
    assert.deepEqual(vpcConfigOf(template, 'renova-prd-refresh')?.SecurityGroupIds, [group?.id]);
  });

  it('can be one of the same app, whose private subnets it finds by itself', () => {
    const template = inAppWithVpc((vpc) => ({ vpc }));
    const { SubnetIds } = vpcConfigOf(template, 'renova-hml-refresh') ?? assert.fail();
    const isPrivate = SubnetIds.map((id) => template.Resources[id]?.Properties.MapPublicIpOnLaunch === false);
    assert.deepEqual(isPrivate, [true, true]);
  });

  it('can be one of the same app with subnets and groups of its choice', () => {
    const template = inAppWithVpc((vpc, group) => ({
      vpc,
      subnets: vpc.selectSubnets({ subnetType: SubnetType.PRIVATE_WITH_EGRESS }).subnets.slice(0, 1),
      securityGroups: [group],
    }));
    const { SubnetIds, SecurityGroupIds } = vpcConfigOf(template, 'renova-hml-refresh') ?? assert.fail();
    assert.equal(SubnetIds.length, 1);
    assert.match(SecurityGroupIds[0] ?? '', /^Group/);
  });
});

describe('without a network of its own', () => {
  it('nothing is in a VPC, and nobody may make network interfaces', () => {
    using synthesis = synthesize('prd');
    const { template } = synthesis;
    assert.deepEqual(ec2Of(template), []);
    for (const { Properties } of resourcesOf(template, 'AWS::Lambda::Function')) {
      assert.equal(Properties.VpcConfig, undefined);
    }
    assert.ok(!JSON.stringify(template).includes('"ec2:'));
  });
});

interface VpcConfig {
  readonly SubnetIds: string[];
  readonly SecurityGroupIds: string[];
}

/** Where a function runs: logical ids, or those that were given. */
function vpcConfigOf(template: ResolvableTemplate, functionName: string): VpcConfig | undefined {
  const deployed = resourcesOf(template, 'AWS::Lambda::Function').find(
    ({ Properties }) => Properties.FunctionName === functionName,
  );
  const config = deployed?.Properties.VpcConfig as Record<keyof VpcConfig, unknown[]> | undefined;
  return (
    config && {
      SubnetIds: config.SubnetIds.map(logicalId),
      SecurityGroupIds: config.SecurityGroupIds.map(logicalId),
    }
  );
}

function logicalId(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const [operand] = Object.values(value as Record<string, string | [string, string]>);
  return [operand].flat()[0] ?? '';
}

/** The network of a template, as a packet would find it. */
function networkOf(template: ResolvableTemplate) {
  const of = (type: string) =>
    resourcesOf(template, `AWS::EC2::${type}`).map(
      ({ id, Properties }) => ({ id, ...Properties }) as Properties & { id: string },
    );
  const properties = (id: string): Properties => template.Resources[id]?.Properties ?? assert.fail(id);
  const routeTableOf = (subnet: string) =>
    logicalId(
      of('SubnetRouteTableAssociation').find(({ SubnetId }) => logicalId(SubnetId) === subnet)?.RouteTableId,
    );
  const defaultRouteOf = (subnet: string) =>
    of('Route').find(
      ({ RouteTableId, DestinationCidrBlock }) =>
        logicalId(RouteTableId) === routeTableOf(subnet) && DestinationCidrBlock === '0.0.0.0/0',
    ) ?? assert.fail(`${subnet} has no way out`);
  const endpointOf = (service: string) =>
    of('VPCEndpoint').find(({ ServiceName }) =>
      String(resolve(template, ServiceName)).endsWith(`.${service}`),
    );

  return {
    properties,
    idOf: logicalId,
    /** How requests to a service of AWS leave every one of these subnets, or nothing where one has no way. */
    wayTo(service: string, subnets: readonly string[], groups: readonly string[]) {
      const endpoint = endpointOf(service) ?? assert.fail(`no endpoint of ${service}`);
      if (endpoint.VpcEndpointType === 'Gateway') {
        const tables = (endpoint.RouteTableIds as unknown[]).map(logicalId);
        return subnets.every((subnet) => tables.includes(routeTableOf(subnet))) ? 'Gateway' : undefined;
      }
      const isEverywhere = subnets.every((subnet) =>
        (endpoint.SubnetIds as unknown[]).map(logicalId).includes(subnet),
      );
      const doors = (endpoint.SecurityGroupIds as unknown[]).flatMap(
        (group) => (properties(logicalId(group)).SecurityGroupIngress ?? []) as Properties[],
      );
      const isOpen = groups.every((group) =>
        doors.some(
          ({ SourceSecurityGroupId, IpProtocol, FromPort, ToPort }) =>
            logicalId(SourceSecurityGroupId) === group &&
            IpProtocol === 'tcp' &&
            FromPort === 443 &&
            ToPort === 443,
        ),
      );
      const vpc = properties(logicalId(endpoint.VpcId));
      const isFoundByName =
        endpoint.PrivateDnsEnabled === true &&
        vpc.EnableDnsSupport === true &&
        vpc.EnableDnsHostnames === true;
      return isEverywhere && isOpen && isFoundByName ? 'Interface' : undefined;
    },
    /** The address that providers see of a subnet: of a NAT gateway in its zone, which reaches the internet. */
    addressOf(subnet: string): string {
      const nat = properties(logicalId(defaultRouteOf(subnet).NatGatewayId));
      const egress = logicalId(nat.SubnetId);
      assert.deepEqual(properties(egress).AvailabilityZone, properties(subnet).AvailabilityZone);
      const internet = logicalId(defaultRouteOf(egress).GatewayId);
      const [attachment] = of('VPCGatewayAttachment');
      assert.equal(logicalId(attachment?.InternetGatewayId), internet);
      assert.equal(logicalId(attachment?.VpcId), logicalId(properties(subnet).VpcId));
      const address = logicalId(nat.AllocationId);
      assert.equal(template.Resources[address]?.Type, 'AWS::EC2::EIP');
      return address;
    },
  };
}

function ec2Of(template: ResolvableTemplate): string[] {
  return Object.values(template.Resources)
    .map(({ Type }) => Type)
    .filter((type) => type.startsWith('AWS::EC2::'));
}

function inAppWithVpc(networkIn: (vpc: Vpc, group: SecurityGroup) => ExistingVpc): ResolvableTemplate {
  const app = quickApp();
  const stack = new Stack(app, 'bank');
  const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2 });
  const group = new SecurityGroup(stack, 'Group', { vpc });
  const env: EnvironmentName = 'hml';
  new Renova(stack, 'Tokens', { env, settings: { network: networkIn(vpc, group) } });
  return Template.fromStack(stack).toJSON() as ResolvableTemplate;
}
