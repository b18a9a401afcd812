import { type Acknowledgment, Stack, Token, Validations } from 'aws-cdk-lib';
import { names, secretNames } from '../shared/config/names.ts';
import type { Renova } from './renova.ts';

/**
 * What cdk-nag (AwsSolutions) finds and is meant so, each with its reason, where it is found and nowhere else. For
 * other apps that check a {@link Renova} of theirs too.
 */
export function acknowledgeFindings(renova: Renova): void {
  const { functions, alerts, schedule, sealKeys } = renova;
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
  for (const queue of [schedule.undelivered, alerts.undelivered]) {
    Validations.of(queue).acknowledge(
      accept(
        'SQS3',
        'It is a dead-letter queue, of a schedule or a rule, which the check does not look for.',
      ),
    );
  }
}

/** The names of credentials are known when they are registered, not when the stack is made. */
function ofEveryCredential(renova: Renova): Acknowledgment[] {
  const { region, account } = Stack.of(renova);
  const place = `${known(region, 'AWS::Region')}:${known(account, 'AWS::AccountId')}`;
  const { client, rescue, lane, parameter } = secretNames(names(renova.env).secretPrefix);
  const everyLane = lane('*', 0).replace(/0$/, '*');
  const patterns = [client('*'), `${client('*')}-??????`, rescue('*'), `${rescue('*')}-??????`, everyLane];
  const parameters = accept(
    `IAM5[Resource::arn:<AWS::Partition>:ssm:${place}:parameter${parameter('*')}]`,
    'The parameter of every credential of this environment.',
  );
  const secrets = patterns.map((name) =>
    accept(
      `IAM5[Resource::arn:<AWS::Partition>:secretsmanager:${place}:secret:${name}]`,
      'One kind of secret of every credential of this environment; Secrets Manager ends ARNs with six characters of its own.',
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
