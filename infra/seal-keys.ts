import { RemovalPolicy } from 'aws-cdk-lib';
import { Secret, type SecretStringGenerator } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { type EnvironmentName, names, secretNames } from '../shared/config/names.ts';
import type { OwnKeys } from './own-keys.ts';

/**
 * A key ring with one key, in the form that can be generated at deployment (shared/sealing/key-ring.ts):
 * 64 characters of the 16 that are left make 256 random bits, and no template ever holds them.
 *
 * NEVER CHANGE THIS. CloudFormation generates a new value when any of it changes, and every token that the
 * old key sealed is lost with it. Keys are rotated by Renova, not by a deployment.
 */
const FIRST_RING: SecretStringGenerator = {
  secretStringTemplate: '{"current":"1"}',
  generateStringKey: 'key',
  passwordLength: 64,
  excludeCharacters: 'ghijklmnopqrstuvwxyz',
  excludeUppercase: true,
  excludePunctuation: true,
  includeSpace: false,
  // A digit and a letter in every key would be fewer keys.
  requireEachIncludedType: false,
};

export interface SealKeysProps {
  readonly env: EnvironmentName;
  readonly keys: OwnKeys;
}

/** The key rings that seal access and refresh tokens. They outlive their stack: without them its tables are lost. */
export class SealKeys extends Construct {
  readonly access: Secret;
  readonly refresh: Secret;

  constructor(scope: Construct, id: string, { env, keys }: SealKeysProps) {
    super(scope, id);
    const { accessRing, refreshRing } = secretNames(names(env).secretPrefix);
    this.access = createRing(this, 'Access', { secretName: accessRing, sealed: 'access tokens', keys });
    this.refresh = createRing(this, 'Refresh', { secretName: refreshRing, sealed: 'refresh tokens', keys });
  }
}

interface RingProps {
  readonly secretName: string;
  readonly sealed: string;
  readonly keys: OwnKeys;
}

function createRing(scope: Construct, id: string, { secretName, sealed, keys }: RingProps): Secret {
  return new Secret(scope, id, {
    secretName,
    description: `Renova: the keys that seal ${sealed}`,
    generateSecretString: FIRST_RING,
    encryptionKey: keys.rings,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
}
