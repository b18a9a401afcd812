import { type Acknowledgment, Stack, Token, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { names, secretNames } from '../shared/config/names.ts';
import { FixedAddress } from './fixed-address.ts';
import type { Renova } from './renova.ts';

/**
 * What cdk-nag finds and is meant so, each with its reason, where it is found and nowhere else: by its pack
 * AwsSolutions, and by those of NIST 800-53 (revision 5) and PCI DSS (3.2.1) with the settings of a platform team on
 * (docs/deploy.md). For other apps that check a {@link Renova} of theirs too.
 */
export function acknowledgeFindings(renova: Renova): void {
  const { functions, alerts, schedule, sealKeys, webhook } = renova;
  Validations.of(functions).acknowledge(
    accept(
      'IAM5[Resource::*]',
      'X-Ray knows no resources, nor does Lambda in a VPC: traces and network interfaces, and nothing else.',
    ),
  );
  const secrets = ofEveryCredential(renova);
  for (const role of [functions.refresh.role, functions.admin.role]) {
    if (role) Validations.of(role).acknowledge(...secrets);
  }
  Validations.of(sealKeys).acknowledge(
    accept(
      'SMG4',
      'A key ring is rotated by Renova (npx renova rotate-seal), which seals everything anew: a rotation that only changes the value loses every token.',
    ),
  );
  if (webhook) {
    Validations.of(webhook).acknowledge(
      accept('SMG4', 'The operator changes the key of webhooks when the receiver can (docs/deploy.md).'),
      accept('IAM5[Resource::*]', 'X-Ray knows no resources: traces, and nothing else.'),
    );
  }
  for (const queue of [schedule.undelivered, alerts.undelivered]) {
    Validations.of(queue).acknowledge(
      accept(
        'SQS3',
        'It is a dead-letter queue, of a schedule or a rule, which the check does not look for.',
      ),
    );
  }
  acknowledgeOfControls(renova);
}

/** Findings of NIST 800-53 and PCI DSS. */
function acknowledgeOfControls(renova: Renova): void {
  const { functions, sealKeys, tables, network, webhook } = renova;
  const accepted: readonly (readonly [scope: IConstruct, rule: string, reason: string])[] = [
    [
      renova,
      'IAMNoInlinePolicy',
      'A policy here is of one role and goes with it; as a managed one it could be attached to others.',
    ],
    [
      tables,
      'DynamoDBInBackupPlan',
      'Point-in-time recovery is on. A plan of AWS Backup is for the owner of the account to make.',
    ],
    [
      sealKeys,
      'SecretsManagerRotationEnabled',
      'A key ring is rotated by Renova (npx renova rotate-seal), which seals everything anew.',
    ],
    [
      functions,
      'LambdaDLQ',
      'What was not done is done by the next tick. Ticks that were not delivered have a queue, of the schedule.',
    ],
    [
      functions,
      'LambdaConcurrency',
      'Only with the setting reservedConcurrency: none, for an account that has none to set aside.',
    ],
    ...[functions.read, functions.admin].map(
      (each) =>
        [
          each,
          'LambdaInsideVPC',
          'It calls nothing but AWS, signed; a VPC would add a way that can fail.',
        ] as const,
    ),
    ...(webhook
      ? ([
          [
            webhook,
            'SecretsManagerRotationEnabled',
            'The operator changes the key of webhooks when the receiver can (docs/deploy.md).',
          ],
          [
            webhook,
            'LambdaDLQ',
            'A queue invokes it. What it could not deliver goes to the dead letters of that queue.',
          ],
          [webhook, 'LambdaConcurrency', 'Its event source lets two run at a time.'],
          [
            webhook,
            'LambdaInsideVPC',
            'It posts to one public receiver; a VPC would add a way that can fail.',
          ],
        ] as const)
      : []),
    ...(network instanceof FixedAddress
      ? ([
          [
            network,
            'VPCDefaultSecurityGroupClosed',
            'Nothing is in the default group, which CloudFormation cannot change.',
          ],
          [
            network,
            'VPCNoUnrestrictedRouteToIGW',
            'Of subnets that hold a NAT gateway and nothing else: the way out to providers.',
          ],
        ] as const)
      : []),
  ];
  for (const [scope, rule, reason] of accepted) {
    const packs = ['NIST.800.53.R5', 'PCI.DSS.321'];
    Validations.of(scope).acknowledge(...packs.map((pack) => ({ id: `${pack}-${rule}`, reason })));
  }
}

/** The names of credentials are known when they are registered, not when the stack is made. */
function ofEveryCredential(renova: Renova): Acknowledgment[] {
  const { region, account } = Stack.of(renova);
  const place = `${known(region, 'AWS::Region')}:${known(account, 'AWS::AccountId')}`;
  const { client, rescue, lane, parameter, app } = secretNames(names(renova.env).secretPrefix);
  const everyLane = lane('*', 0).replace(/0$/, '*');
  const patterns = [
    client('*'),
    `${client('*')}-??????`,
    rescue('*'),
    `${rescue('*')}-??????`,
    everyLane,
    app('*'),
  ];
  const parameters = accept(
    `IAM5[Resource::arn:<AWS::Partition>:ssm:${place}:parameter${parameter('*')}]`,
    'The parameter of every credential of this environment.',
  );
  const secrets = patterns.map((name) =>
    accept(
      `IAM5[Resource::arn:<AWS::Partition>:secretsmanager:${place}:secret:${name}]`,
      'One kind of secret of every credential or app of this environment; Secrets Manager ends ARNs with six characters of its own.',
    ),
  );
  return [...secrets, parameters];
}

/** As findings name it: a stack need not say where it will be. */
function known(value: string, placeholder: string): string {
  return Token.isUnresolved(value) ? `<${placeholder}>` : value;
}

function accept(rule: string, reason: string): Acknowledgment {
  return { id: `AwsSolutions-${rule}`, reason };
}
