import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createTableInput } from '../../local/aws/dynamodb/create-tables.ts';
import { ENVIRONMENTS, names } from '../../shared/config/names.ts';
import { CREDENTIALS_TABLE, QUOTA_TABLE, type TableDefinition } from '../../shared/config/tables.ts';
import { resourcesOf, synthesize } from './synthesis.ts';

/** Changing one of these ids makes CloudFormation create the resource anew beside the retained one, and fail. */
const RETAINED_IDS = [
  'SealKeysAccess60217647',
  'SealKeysRefresh77CCF7C5',
  'TablesCredentials4E6AF65C',
  'TablesKeyD3984C03',
  'TablesQuota720200F8',
];

for (const env of ENVIRONMENTS) {
  describe(`what the stack of ${env} stores`, () => {
    const synthesis = synthesize(env);
    after(() => synthesis[Symbol.dispose]());
    const { template, assertions, stack } = synthesis;
    const { credentialsTable, quotaTable, secretPrefix } = names(env);
    const propertiesOf = (type: string) => resourcesOf(template, type).map(({ Properties }) => Properties);

    it('has both tables with the keys and indexes of shared/config', () => {
      const definitions = new Map<string, TableDefinition>([
        [credentialsTable, CREDENTIALS_TABLE],
        [quotaTable, QUOTA_TABLE],
      ]);
      const tables = propertiesOf('AWS::DynamoDB::Table');
      assert.deepEqual(tables.map(({ TableName }) => TableName).sort(), [...definitions.keys()].sort());
      for (const properties of tables) {
        const name = String(properties.TableName);
        const expected = createTableInput(name, definitions.get(name) ?? QUOTA_TABLE);
        const given = Object.fromEntries(Object.keys(expected).map((key) => [key, properties[key]]));
        assert.deepEqual(given, expected);
        assert.deepEqual(properties.PointInTimeRecoverySpecification, { PointInTimeRecoveryEnabled: true });
        assert.deepEqual(properties.SSESpecification, {
          SSEEnabled: true,
          SSEType: 'KMS',
          KMSMasterKeyId: { 'Fn::GetAtt': ['TablesKeyD3984C03', 'Arn'] },
        });
        assert.equal(properties.DeletionProtectionEnabled, env === 'prd');
      }
      assertions.hasResourceProperties('AWS::DynamoDB::Table', {
        TableName: quotaTable,
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      });
    });

    it('encrypts with keys of its own, which AWS rotates', () => {
      const keys = propertiesOf('AWS::KMS::Key');
      assert.equal(keys.length, 2);
      for (const { EnableKeyRotation } of keys) assert.equal(EnableKeyRotation, true);
    });

    it('retains its tables, their key and seal keys when it goes, under ids that stay', () => {
      const kept = Object.entries(template.Resources).filter(
        // A first deployment that fails leaves nothing behind, and can be repeated under the same names.
        ([, { DeletionPolicy }]) => DeletionPolicy === 'RetainExceptOnCreate',
      );
      assert.deepEqual(kept.map(([id]) => id).sort(), RETAINED_IDS);
      for (const [id, { UpdateReplacePolicy }] of kept) assert.equal(UpdateReplacePolicy, 'Retain', id);
    });

    it('has two seal keys that are generated at deployment, exactly so: a change would replace them', () => {
      const rings = propertiesOf('AWS::SecretsManager::Secret');
      assert.deepEqual(rings.map(({ Name }) => Name).sort(), [
        `${secretPrefix}/seal/access`,
        `${secretPrefix}/seal/refresh`,
      ]);
      for (const { GenerateSecretString, SecretString } of rings) {
        assert.equal(SecretString, undefined);
        assert.deepEqual(GenerateSecretString, {
          SecretStringTemplate: '{"current":"1"}',
          GenerateStringKey: 'key',
          PasswordLength: 64,
          ExcludeCharacters: 'ghijklmnopqrstuvwxyz',
          ExcludeUppercase: true,
          ExcludePunctuation: true,
          IncludeSpace: false,
          RequireEachIncludedType: false,
        });
      }
    });

    it('is tagged, and protected where it must be', () => {
      assert.equal(stack.terminationProtection, env === 'prd');
      assert.deepEqual(stack.tags.tagValues(), { app: 'renova', environment: env });
      for (const tagged of ['AWS::DynamoDB::Table', 'AWS::Lambda::Function', 'AWS::SecretsManager::Secret']) {
        assertions.allResourcesProperties(tagged, {
          Tags: [
            { Key: 'app', Value: 'renova' },
            { Key: 'environment', Value: env },
          ],
        });
      }
    });

    it('holds no secret: nothing in the template is a value of one, or resolves to one', () => {
      const text = JSON.stringify(template);
      assert.doesNotMatch(text, /"SecretString"|resolve:secretsmanager|SecretAccessKey/);
      assert.doesNotMatch(
        text.replaceAll(/"(S3Key|SourceHash)":"[^"]+"/g, ''),
        /[0-9a-f]{64}|[A-Za-z0-9+/]{43}=/,
      );
    });
  });
}
