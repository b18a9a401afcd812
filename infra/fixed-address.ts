import { Fn, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import {
  CfnEIP,
  CfnFlowLog,
  CfnInternetGateway,
  CfnNatGateway,
  CfnRoute,
  CfnRouteTable,
  CfnSecurityGroup,
  CfnSubnet,
  CfnSubnetRouteTableAssociation,
  CfnVPC,
  CfnVPCEndpoint,
  CfnVPCGatewayAttachment,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
} from 'aws-cdk-lib/aws-ec2';
import {
  AnyPrincipal,
  Effect,
  PolicyDocument,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { EnvironmentName } from '../shared/config/names.ts';
import type { OwnKeys } from './own-keys.ts';
import type { RenovaSettings } from './settings.ts';

export interface FixedAddressProps {
  readonly env: EnvironmentName;
  readonly settings: RenovaSettings;
  readonly keys: OwnKeys;
}

/**
 * A VPC for the refresh function alone, whose requests reach providers from addresses that do not change: one NAT
 * gateway with an Elastic IP in each zone. Built of CloudFormation's own resources: the VPC of the CDK looks up zones
 * in the account, and a synthesis needs none.
 *
 * What must not fail together goes apart. The ledger has its gateway endpoint, the vault and the event bus their
 * interface endpoints: when a NAT gateway is away, nothing is spent, what was received is stored, and people are told.
 */
export class FixedAddress extends Construct {
  /** The subnets of the function, one a zone. */
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
  /** What the provider sees, one a zone; empty where the settings bring allocated addresses along. */
  readonly addresses: readonly string[];
  /** The addresses as EC2 knows them. */
  readonly allocationIds: readonly string[];

  constructor(scope: Construct, id: string, { env, settings, keys }: FixedAddressProps) {
    super(scope, id);
    Tags.of(this).add('Name', `renova-${env}`);
    const vpc = new CfnVPC(this, 'Vpc', {
      cidrBlock: '10.98.0.0/24',
      enableDnsHostnames: true,
      enableDnsSupport: true,
    });
    const vpcId = vpc.attrVpcId;
    const internet = new CfnInternetGateway(this, 'Internet');
    const attachment = new CfnVPCGatewayAttachment(this, 'InternetAttachment', {
      vpcId,
      internetGatewayId: internet.attrInternetGatewayId,
    });
    const zones = ZONES.slice(0, settings.egressZones).map((zone, at) => {
      const given = settings.egressAllocationIds?.[at];
      const own = given === undefined ? createAddress(this, zone) : undefined;
      own?.addResourceDependency(attachment);
      const allocationId = given ?? own?.attrAllocationId ?? '';
      return {
        ...createZone(this, { zone, at, vpcId, internet, attachment, allocationId }),
        own,
        allocationId,
      };
    });
    this.subnetIds = zones.map(({ subnetId }) => subnetId);
    this.allocationIds = zones.map(({ allocationId }) => allocationId);
    this.addresses = zones.flatMap(({ own }) => (own ? [own.attrPublicIp] : []));

    const forFunction = createFunctionGroup(this, env, vpcId);
    this.securityGroupIds = [forFunction.attrGroupId];
    new CfnVPCEndpoint(this, 'Ledger', {
      vpcId,
      serviceName: GatewayVpcEndpointAwsService.DYNAMODB.name,
      vpcEndpointType: 'Gateway',
      routeTableIds: zones.map(({ routeTableId }) => routeTableId),
      policyDocument: ownAccount(this),
    });
    const group = new CfnSecurityGroup(this, 'EndpointGroup', {
      vpcId,
      groupDescription: `Endpoints of Renova ${env}: the refresh function asks, nothing else`,
      securityGroupIngress: [
        { ...HTTPS, sourceSecurityGroupId: forFunction.attrGroupId, description: 'Refresh function' },
      ],
      securityGroupEgress: [NOWHERE],
    });
    for (const [name, service] of [
      ['Vault', InterfaceVpcEndpointAwsService.SECRETS_MANAGER],
      ['Events', InterfaceVpcEndpointAwsService.EVENTBRIDGE],
    ] as const) {
      new CfnVPCEndpoint(this, name, {
        vpcId,
        serviceName: service.name,
        vpcEndpointType: 'Interface',
        privateDnsEnabled: true,
        subnetIds: [...this.subnetIds],
        securityGroupIds: [group.attrGroupId],
        policyDocument: ownAccount(this),
      });
    }
    createFlowLog(this, { env, settings, keys }, vpcId);
  }
}

/** Address ranges of each zone. Every region has two zones at least. */
const ZONES = [
  { id: 'A', egress: '10.98.0.0/28', private: '10.98.0.64/26' },
  { id: 'B', egress: '10.98.0.16/28', private: '10.98.0.128/26' },
] as const;

type Zone = (typeof ZONES)[number];

/** Kept when the stack goes, and when it is made anew: the bank allows this address and no other. */
function createAddress(scope: Construct, { id }: Zone): CfnEIP {
  const address = new CfnEIP(scope, `Address${id}`, { domain: 'vpc' });
  address.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
  return address;
}

interface ZoneProps {
  readonly zone: Zone;
  readonly at: number;
  readonly vpcId: string;
  readonly internet: CfnInternetGateway;
  readonly attachment: CfnVPCGatewayAttachment;
  readonly allocationId: string;
}

/** A subnet for the function, whose way out is the NAT gateway of its zone, in a subnet that holds nothing else. */
function createZone(
  scope: Construct,
  { zone, at, vpcId, internet, attachment, allocationId }: ZoneProps,
): { readonly subnetId: string; readonly routeTableId: string } {
  const availabilityZone = Fn.select(at, Fn.getAzs());
  const subnet = (id: string, cidrBlock: string) => {
    const made = new CfnSubnet(scope, `${id}${zone.id}`, {
      vpcId,
      cidrBlock,
      availabilityZone,
      mapPublicIpOnLaunch: false,
    });
    const routes = new CfnRouteTable(scope, `${id}Routes${zone.id}`, { vpcId });
    new CfnSubnetRouteTableAssociation(scope, `${id}Association${zone.id}`, {
      subnetId: made.attrSubnetId,
      routeTableId: routes.attrRouteTableId,
    });
    return { subnetId: made.attrSubnetId, routeTableId: routes.attrRouteTableId };
  };
  const everywhere = { destinationCidrBlock: '0.0.0.0/0' };
  const egress = subnet('Egress', zone.egress);
  const toInternet = new CfnRoute(scope, `EgressRoute${zone.id}`, {
    ...everywhere,
    routeTableId: egress.routeTableId,
    gatewayId: internet.attrInternetGatewayId,
  });
  toInternet.addResourceDependency(attachment);
  const nat = new CfnNatGateway(scope, `Nat${zone.id}`, { subnetId: egress.subnetId, allocationId });
  nat.addResourceDependency(toInternet);
  const inside = subnet('Private', zone.private);
  new CfnRoute(scope, `PrivateRoute${zone.id}`, {
    ...everywhere,
    routeTableId: inside.routeTableId,
    natGatewayId: nat.attrNatGatewayId,
  });
  return inside;
}

/**
 * Nothing may connect to the function; it connects by HTTPS alone. Providers are registered after the deployment, so
 * no rule can name their addresses.
 */
export function createFunctionGroup(scope: Construct, env: EnvironmentName, vpcId: string): CfnSecurityGroup {
  return new CfnSecurityGroup(scope, 'FunctionGroup', {
    vpcId,
    groupDescription: `Refresh function of Renova ${env}: HTTPS out, nothing in`,
    securityGroupEgress: [{ ...HTTPS, cidrIp: '0.0.0.0/0', description: 'Providers and AWS, by HTTPS' }],
  });
}

const HTTPS = { ipProtocol: 'tcp', fromPort: 443, toPort: 443 };

/** CloudFormation lets everything out of a group without a rule, so this rule lets nothing out: no such address exists. */
const NOWHERE = {
  ipProtocol: 'icmp',
  fromPort: 252,
  toPort: 86,
  cidrIp: '255.255.255.255/32',
  description: 'Nothing',
};

/** Nobody carries data out through an endpoint with credentials of another account. What a role may do, IAM says. */
function ownAccount(scope: Construct): PolicyDocument {
  return new PolicyDocument({
    statements: [
      new PolicyStatement({
        sid: 'OwnAccount',
        effect: Effect.ALLOW,
        principals: [new AnyPrincipal()],
        actions: ['*'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:PrincipalAccount': Stack.of(scope).account } },
      }),
    ],
  });
}

/** Who spoke with whom, and what was refused; never what was said. */
function createFlowLog(scope: Construct, { env, settings, keys }: FixedAddressProps, vpcId: string): void {
  const stack = Stack.of(scope);
  const log = new LogGroup(scope, 'FlowLog', {
    logGroupName: `/aws/vendedlogs/renova-${env}-flows`,
    retention: settings.logRetentionDays,
    encryptionKey: keys.logs,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const role = new Role(scope, 'FlowLogRole', {
    description: 'What the flow log may do',
    assumedBy: new ServicePrincipal('vpc-flow-logs.amazonaws.com', {
      conditions: {
        StringEquals: { 'aws:SourceAccount': stack.account },
        ArnLike: {
          'aws:SourceArn': stack.formatArn({ service: 'ec2', resource: 'vpc-flow-log', resourceName: '*' }),
        },
      },
    }),
  });
  role.addToPolicy(
    new PolicyStatement({
      sid: 'FlowLog',
      effect: Effect.ALLOW,
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
      resources: [log.logGroupArn],
    }),
  );
  const flows = new CfnFlowLog(scope, 'Flows', {
    resourceId: vpcId,
    resourceType: 'VPC',
    trafficType: 'ALL',
    logDestinationType: 'cloud-watch-logs',
    logGroupName: log.logGroupName,
    deliverLogsPermissionArn: role.roleArn,
  });
  flows.node.addDependency(role);
}
