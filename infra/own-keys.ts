import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { KeyUse } from '../shared/config/environments.ts';
import type { EnvironmentName } from '../shared/config/names.ts';
import { decidedByAccount } from './key-policy.ts';
import type { RenovaSettings } from './settings.ts';

export interface OwnKeysProps {
  readonly env: EnvironmentName;
  readonly settings: RenovaSettings;
}

/** The keys of the setting `kms`. Where it names none, AWS encrypts with a key of its own. */
export class OwnKeys extends Construct {
  readonly secrets: IKey | undefined;
  readonly rings: IKey | undefined;
  readonly logs: IKey | undefined;
  /** The topic has a key of this stack in any case; this is one instead of it. */
  readonly alerts: IKey | undefined;

  constructor(scope: Construct, id: string, { env, settings: { kms = {} } }: OwnKeysProps) {
    super(scope, id);
    const keyFor = (use: Exclude<KeyUse, 'alerts'>) => {
      const chosen = kms[use];
      return chosen === 'own' ? createKey(this, env, use) : chosen && Key.fromKeyArn(this, ID[use], chosen);
    };
    this.secrets = keyFor('secrets') || undefined;
    this.rings = keyFor('rings') || undefined;
    this.logs = keyFor('logs') || undefined;
    this.alerts = kms.alerts ? Key.fromKeyArn(this, 'Alerts', kms.alerts) : undefined;
  }
}

const ID = { secrets: 'Secrets', rings: 'Rings', logs: 'Logs' } as const;

const ENCRYPTS = {
  secrets: 'the secrets of credentials',
  rings: 'the seal rings',
  logs: 'the logs',
} as const;

function createKey(scope: Construct, env: EnvironmentName, use: keyof typeof ENCRYPTS): Key {
  const key = new Key(scope, ID[use], {
    alias: `renova-${env}-${use}`,
    description: `Encrypts ${ENCRYPTS[use]} of Renova ${env}`,
    policy: decidedByAccount(),
    enableKeyRotation: true,
    // Secrets and rings outlive the stack, and are lost without their key; logs go with it.
    removalPolicy: use === 'logs' ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  if (use === 'logs') key.addToResourcePolicy(useByLogs(key));
  return key;
}

/** CloudWatch Logs user guide, "Encrypt log data in CloudWatch Logs using AWS KMS": for log groups of this account. */
function useByLogs(key: Key): PolicyStatement {
  const stack = Stack.of(key);
  const groups = { service: 'logs', resource: 'log-group', resourceName: '*' };
  return new PolicyStatement({
    sid: 'Logs',
    effect: Effect.ALLOW,
    principals: [new ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
    actions: [
      'kms:Decrypt',
      'kms:DescribeKey',
      'kms:Encrypt',
      'kms:GenerateDataKey',
      'kms:ReEncryptFrom',
      'kms:ReEncryptTo',
    ],
    resources: ['*'],
    conditions: {
      ArnLike: {
        'kms:EncryptionContext:aws:logs:arn': stack.formatArn({
          ...groups,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      },
    },
  });
}
