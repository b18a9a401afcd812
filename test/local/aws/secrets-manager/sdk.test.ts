import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  InvalidParameterException,
  InvalidRequestException,
  LimitExceededException,
  ListSecretsCommand,
  PutSecretValueCommand,
  paginateListSecretVersionIds,
  ResourceExistsException,
  ResourceNotFoundException,
  SecretsManagerClient,
  TagResourceCommand,
} from '@aws-sdk/client-secrets-manager';
import { createSecretsManager } from '../../../../local/aws/secrets-manager/secrets-manager.ts';
import { testClientOptions } from '../../../support/aws-clients.ts';
import { ManualClock } from '../../../support/fakes/manual-clock.ts';
import { DAY_MS, versionIdOf } from './emulator.ts';

describe("the service's own client", () => {
  const clock = new ManualClock();
  const service = createSecretsManager({ clock, dayMs: DAY_MS });
  let server: Server;
  let client: SecretsManagerClient;

  before(async () => {
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const operation = String(request.headers['x-amz-target']).replace('secretsmanager.', '');
      const { status, body } = service.handle(
        operation,
        JSON.parse(Buffer.concat(chunks).toString()),
        'us-east-1',
      );
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(body));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    client = new SecretsManagerClient({ ...testClientOptions(`http://127.0.0.1:${port}`), maxAttempts: 1 });
  });
  after(() => {
    client.destroy();
    server.close();
  });

  it('writes and reads text, bytes and dates', async () => {
    const created = await client.send(new CreateSecretCommand({ Name: 'sdk', SecretString: 'fake-token-1' }));
    const put = await client.send(
      new PutSecretValueCommand({ SecretId: created.ARN, SecretBinary: Buffer.from([0, 255, 1]) }),
    );

    const previous = await client.send(
      new GetSecretValueCommand({ SecretId: 'sdk', VersionStage: 'AWSPREVIOUS' }),
    );
    const current = await client.send(new GetSecretValueCommand({ SecretId: 'sdk' }));
    assert.equal(previous.SecretString, 'fake-token-1');
    assert.equal(previous.VersionId, created.VersionId);
    assert.deepEqual([...(current.SecretBinary ?? [])], [0, 255, 1]);
    assert.equal(current.VersionId, put.VersionId);
    assert.equal(current.CreatedDate?.getTime(), clock.nowMs());
    assert.match(
      created.ARN ?? '',
      /^arn:aws:secretsmanager:us-east-1:000000000000:secret:sdk-[A-Za-z0-9]{6}$/,
    );
  });

  it('understands an answer without members', async () => {
    await client.send(new TagResourceCommand({ SecretId: 'sdk', Tags: [{ Key: 'a', Value: 'b' }] }));

    const { Tags } = await client.send(new DescribeSecretCommand({ SecretId: 'sdk' }));
    assert.deepEqual(Tags, [{ Key: 'a', Value: 'b' }]);
  });

  it('throws its typed errors', async () => {
    const used = { SecretId: 'sdk', ClientRequestToken: versionIdOf(1) };
    await client.send(new PutSecretValueCommand({ ...used, SecretString: 'fake-token-2' }));
    await client.send(new CreateSecretCommand({ Name: 'marked' }));
    await client.send(new DeleteSecretCommand({ SecretId: 'marked' }));

    const refusals = [
      [new GetSecretValueCommand({ SecretId: 'unknown' }), ResourceNotFoundException],
      [new PutSecretValueCommand({ ...used, SecretString: 'fake-token-3' }), ResourceExistsException],
      [new GetSecretValueCommand({ SecretId: 'marked' }), InvalidRequestException],
      [new DeleteSecretCommand({ SecretId: 'sdk', RecoveryWindowInDays: 1 }), InvalidParameterException],
    ] as const;
    for (const [command, expected] of refusals) {
      await assert.rejects(
        (client as { send(command: unknown): Promise<unknown> }).send(command),
        (error) => {
          assert.ok(error instanceof expected, String(error));
          assert.equal(error.$metadata.httpStatusCode, 400);
          assert.ok(error.message.length > 10);
          return true;
        },
      );
    }
  });

  it('throws LimitExceededException at the version quota, and pages through the versions', async () => {
    await client.send(new CreateSecretCommand({ Name: 'lane', SecretString: 'fake-token' }));
    const put = () =>
      client.send(new PutSecretValueCommand({ SecretId: 'lane', SecretString: 'fake-token' }));
    for (let n = 2; n <= 100; n++) {
      await clock.advance(100);
      await put();
    }
    await assert.rejects(put(), LimitExceededException);

    const ids = new Set<string | undefined>();
    const input = { SecretId: 'lane', IncludeDeprecated: true };
    for await (const page of paginateListSecretVersionIds({ client, pageSize: 30 }, input)) {
      for (const { VersionId } of page.Versions ?? []) ids.add(VersionId);
    }
    assert.equal(ids.size, 100);
  });

  it('throws the error by which it knows a throttled write', async () => {
    await clock.advance(1000);
    const put = () => client.send(new PutSecretValueCommand({ SecretId: 'sdk', SecretString: 'fake-token' }));

    const results = await Promise.allSettled(Array.from({ length: 51 }, put));

    const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.name] : []));
    assert.deepEqual(reasons, ['ThrottlingException']);
  });

  it('lists with filters', async () => {
    const { SecretList } = await client.send(
      new ListSecretsCommand({ Filters: [{ Key: 'name', Values: ['la'] }] }),
    );
    assert.deepEqual(
      SecretList?.map(({ Name }) => Name),
      ['lane'],
    );
  });
});
