import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { startAws } from '../../../local/aws/local-aws.ts';
import { systemClock } from '../../../shared/clock/system-clock.ts';
import { definition, runRuntime } from '../lambda/running-runtime.ts';

const ACCOUNT = '000000000000';
const ARN = new RegExp(`^arn:aws:secretsmanager:sa-east-1:${ACCOUNT}:secret:bank/key-[A-Za-z0-9]{6}$`);
const TOKEN = 'terraform-20260101000000000000000001';

/**
 * The requests of Terraform's AWS provider in the order of its source (internal/service/{secretsmanager,ssm,lambda}),
 * since neither Terraform nor its registry may be there. The provider itself runs in test/outside.
 */
describe('the requests of Terraform’s AWS provider', () => {
  it('are answered for a provider that looks who it is', async (t) => {
    const { form } = await endpoint(t);
    assert.match(await form('Action=GetCallerIdentity&Version=2011-06-15'), /<Account>0{12}<\/Account>/);
  });

  it('are answered for aws_secretsmanager_secret: made, read, changed, and gone', async (t) => {
    const { secrets: call } = await endpoint(t);
    const made = { ClientRequestToken: TOKEN, Description: '', ForceOverwriteReplicaSecret: false };
    const tags = [{ Key: 'owner', Value: 'collections' }];
    const { ARN: SecretId } = await call('CreateSecret', { ...made, Name: 'bank/key', Tags: tags });
    assert.match(SecretId, ARN);
    const read = async () => [
      await call('DescribeSecret', { SecretId }),
      (await call('GetResourcePolicy', { SecretId })).ResourcePolicy,
    ];
    const [described, none] = await read();
    assert.deepEqual([described.Name, described.Tags, none], ['bank/key', tags, undefined]);

    await call('UpdateSecret', { ClientRequestToken: TOKEN, Description: 'of the bank', SecretId });
    const policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
          Action: 'secretsmanager:GetSecretValue',
          Resource: '*',
        },
      ],
    });
    await call('PutResourcePolicy', { ResourcePolicy: policy, SecretId });
    await call('UntagResource', { SecretId, TagKeys: ['owner'] });
    await call('TagResource', { SecretId, Tags: [{ Key: 'team', Value: 'tills' }] });
    const [changed, kept] = await read();
    assert.deepEqual([changed.Description, changed.Tags], ['of the bank', [{ Key: 'team', Value: 'tills' }]]);
    assert.deepEqual(JSON.parse(kept), JSON.parse(policy));
    await call('DeleteResourcePolicy', { SecretId });
    assert.equal((await read())[1], undefined);

    await call('DeleteSecret', { SecretId, RecoveryWindowInDays: 30 });
    assert.ok((await call('DescribeSecret', { SecretId })).DeletedDate, 'taken for gone');
    const again = await call('CreateSecret', { ...made, Name: 'bank/key' });
    assert.deepEqual([again.__type, /scheduled for deletion/.test(again.Message)], REFUSED_FOR_DELETION);
    await call('DeleteSecret', { SecretId, ForceDeleteWithoutRecovery: true });
    assert.equal((await call('DescribeSecret', { SecretId })).__type, 'ResourceNotFoundException');
  });

  it('are answered for aws_secretsmanager_secret_version, and for both data sources', async (t) => {
    const { secrets: call } = await endpoint(t);
    const { ARN: SecretId } = await call('CreateSecret', { ClientRequestToken: TOKEN, Name: 'bank/key' });
    const put = (token: string, SecretString: string) =>
      call('PutSecretValue', { ClientRequestToken: token, SecretId, SecretString });
    const { VersionId } = await put(`${TOKEN}a`, 'fake-value-1');
    const first = await call('GetSecretValue', { SecretId, VersionId });
    assert.deepEqual([first.SecretString, first.VersionStages], ['fake-value-1', ['AWSCURRENT']]);
    await put(`${TOKEN}b`, 'fake-value-2');
    const { Versions } = await call('ListSecretVersionIds', { SecretId });
    assert.equal(Versions.length, 2);
    const removal = { RemoveFromVersionId: VersionId, SecretId, VersionStage: 'AWSPREVIOUS' };
    await call('UpdateSecretVersionStage', removal);
    const gone = await call('GetSecretValue', { SecretId, VersionId });
    assert.equal(gone.VersionStages?.length ?? 0, 0, 'taken for gone');

    const described = await call('DescribeSecret', { SecretId: 'bank/key' });
    assert.equal(described.ARN, SecretId);
    const current = await call('GetSecretValue', { SecretId: 'bank/key', VersionStage: 'AWSCURRENT' });
    assert.equal(current.SecretString, 'fake-value-2');
  });

  it('are answered for aws_ssm_parameter, the resource and the data source', async (t) => {
    const { parameters: call } = await endpoint(t);
    const Name = '/bank/flag';
    const given = { AllowedPattern: '', Name, Type: 'String', Value: 'on', Description: 'of the bank' };
    await call('PutParameter', { ...given, Overwrite: false, Tags: [{ Key: 'owner', Value: 'tills' }] });
    const { Parameter } = await call('GetParameter', { Name, WithDecryption: true });
    assert.deepEqual([Parameter.Value, Parameter.Version], ['on', 1]);
    const filter = { Key: 'Name', Option: 'Equals', Values: [Name] };
    const { Parameters } = await call('DescribeParameters', { ParameterFilters: [filter] });
    assert.deepEqual(
      Parameters.map(({ Tier, DataType, Description }: Body) => [Tier, DataType, Description]),
      [['Standard', 'text', 'of the bank']],
    );
    const tagged = { ResourceType: 'Parameter', ResourceId: Name };
    assert.equal((await call('ListTagsForResource', tagged)).TagList.length, 1);
    await call('DeleteParameter', { Name });
    assert.equal((await call('GetParameter', { Name })).__type, 'ParameterNotFound');
  });

  it('are answered for the data source aws_lambda_function, with a qualifier and without', async (t) => {
    const { get } = await endpoint(t);
    const { Versions } = await get('/2015-03-31/functions/scripted/versions?MaxItems=10000');
    assert.equal(Versions.at(-1).Version, '$LATEST');
    const { Configuration } = await get('/2015-03-31/functions/scripted');
    assert.equal(Configuration.FunctionArn, `arn:aws:lambda:us-east-1:${ACCOUNT}:function:scripted`);
    const signing = await get('/2020-06-30/functions/scripted/code-signing-config');
    assert.equal(signing.CodeSigningConfigArn, '');
    const { Configuration: alias } = await get('/2015-03-31/functions/scripted?Qualifier=readers');
    assert.match(alias.FunctionArn, /:scripted:readers$/);
    const nobody = await get('/2015-03-31/functions/scripted?Qualifier=nobody');
    assert.match(nobody.Message, /no such function/);
  });
});

const REFUSED_FOR_DELETION = ['InvalidRequestException', true];

// biome-ignore lint/suspicious/noExplicitAny: answers of the wire, which each test knows.
type Body = any;

async function endpoint(t: TestContext) {
  const { runtime } = runRuntime(t, { functions: [definition('scripted', { aliases: ['readers'] })] });
  const opened = new AsyncDisposableStack();
  t.after(() => opened.disposeAsync());
  const parts = { clock: systemClock, lambda: runtime, onEvent: () => undefined, onDefect: assert.fail };
  const { server } = await startAws({ scale: 1, port: 0 }, parts, opened);
  const ask = (path: string, init: RequestInit & { readonly headers?: Record<string, string> }) =>
    fetch(server.url + path, { ...init, headers: { authorization: AUTHORIZATION, ...init.headers } });
  const json =
    (service: string) =>
    async (operation: string, input: object): Promise<Body> => {
      const headers = {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `${service}.${operation}`,
      };
      return (await ask('/', { method: 'POST', headers, body: JSON.stringify(input) })).json();
    };
  return {
    secrets: json('secretsmanager'),
    parameters: json('AmazonSSM'),
    get: async (path: string): Promise<Body> => (await ask(path, { method: 'GET' })).json(),
    form: async (body: string) => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      return (await ask('/', { method: 'POST', headers, body })).text();
    },
  };
}

const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=fake/20260101/sa-east-1/secretsmanager/aws4_request, SignedHeaders=host, Signature=fake';
