import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  InvalidParameterValueException,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-lambda';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { createTables } from '../../../local/aws/dynamodb/create-tables.ts';
import type { BusEvent } from '../../../local/aws/event-bus.ts';
import { startAws } from '../../../local/aws/local-aws.ts';
import { systemClock } from '../../../shared/clock/system-clock.ts';
import { testClientOptions } from '../../support/aws-clients.ts';
import { definition, runRuntime } from '../lambda/running-runtime.ts';

const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=fake/20260101/eu-west-1/secretsmanager/aws4_request, SignedHeaders=host, Signature=fake';

async function runEndpoint(context: TestContext) {
  const functions = [definition('scripted', { aliases: ['readers'] })];
  const { runtime } = runRuntime(context, { functions });
  const events: BusEvent[] = [];
  const defects: string[] = [];
  const opened = new AsyncDisposableStack();
  context.after(() => opened.disposeAsync());
  const parts = {
    clock: systemClock,
    lambda: runtime,
    onEvent: (event: BusEvent) => void events.push(event),
    onDefect: (code: string) => void defects.push(code),
  };
  const { server } = await startAws({ scale: 1, port: 0 }, parts, opened);
  const { url } = server;
  const options = testClientOptions(url);
  const post = (headers: Record<string, string>, body: string, path = '/') =>
    fetch(url + path, { method: 'POST', headers: { authorization: AUTHORIZATION, ...headers }, body });
  return { url, port: server.port, options, post, events, defects };
}

describe('the AWS endpoint', () => {
  test('serves DynamoDB to the SDK', async (context) => {
    const { options } = await runEndpoint(context);
    const client = new DynamoDBClient(options);
    context.after(() => client.destroy());
    await createTables(client, 'prd');
    const item = { quotaKey: { S: 'bs2' }, revision: { N: '1' } };
    await client.send(new PutItemCommand({ TableName: 'renova-prd-quota', Item: item }));
    const key = { TableName: 'renova-prd-quota', Key: { quotaKey: { S: 'bs2' } } };
    assert.deepEqual((await client.send(new GetItemCommand(key))).Item, item);
  });

  test('serves Secrets Manager to the SDK, in the region that signed', async (context) => {
    const { options } = await runEndpoint(context);
    const client = new SecretsManagerClient({ ...options, region: 'sa-east-1' });
    context.after(() => client.destroy());
    const { ARN } = await client.send(
      new CreateSecretCommand({ Name: 'fake/name', SecretString: 'fake value' }),
    );
    assert.match(String(ARN), /^arn:aws:secretsmanager:sa-east-1:/);
    const read = await client.send(new GetSecretValueCommand({ SecretId: 'fake/name' }));
    assert.equal(read.SecretString, 'fake value');
    await assert.rejects(client.send(new GetSecretValueCommand({ SecretId: 'unknown' })), {
      name: 'ResourceNotFoundException',
    });
  });

  test('serves PutEvents to the SDK', async (context) => {
    const { options, events } = await runEndpoint(context);
    const client = new EventBridgeClient(options);
    context.after(() => client.destroy());
    const entry = { Source: 'renova', DetailType: 'Token Refreshed', Detail: '{"generation":7}' };
    const { FailedEntryCount } = await client.send(new PutEventsCommand({ Entries: [entry] }));
    assert.equal(FailedEntryCount, 0);
    assert.deepEqual(
      events.map(({ detail, region }) => ({ detail, region })),
      [{ detail: { generation: 7 }, region: 'us-east-1' }],
    );
  });

  test('serves Invoke to the SDK: a result, a failure, DryRun, Event and an unknown function', async (context) => {
    const { options } = await runEndpoint(context);
    const client = new LambdaClient(options);
    context.after(() => client.destroy());
    const invoke = (event: object, more: object = {}) =>
      client.send(new InvokeCommand({ FunctionName: 'scripted', Payload: JSON.stringify(event), ...more }));
    const result = await invoke({ a: 1 });
    assert.deepEqual(JSON.parse(result.Payload?.transformToString() ?? ''), { echo: { a: 1 } });
    assert.equal(result.FunctionError, undefined);
    const failed = await invoke({ do: 'throw' });
    assert.equal(failed.StatusCode, 200);
    assert.equal(failed.FunctionError, 'Unhandled');
    assert.equal(JSON.parse(failed.Payload?.transformToString() ?? '').errorType, 'RangeError');
    assert.equal((await invoke({ do: 'throw' }, { InvocationType: 'DryRun' })).StatusCode, 204);
    assert.equal((await invoke({ do: 'hang' }, { InvocationType: 'Event' })).StatusCode, 202);
    const FunctionName = 'arn:aws:lambda:us-east-1:000000000000:function:scripted';
    assert.equal((await invoke({}, { FunctionName })).StatusCode, 200);
    await assert.rejects(invoke({}, { FunctionName: 'nobody' }), (error) => {
      assert.ok(error instanceof ResourceNotFoundException);
      assert.equal(error.$metadata.httpStatusCode, 404);
      return true;
    });
  });

  test('serves Invoke by a qualifier in the name, in the ARN or beside it, and tells the handler', async (context) => {
    const { options } = await runEndpoint(context);
    const client = new LambdaClient(options);
    context.after(() => client.destroy());
    const invoke = async (FunctionName: string, Qualifier?: string) => {
      const Payload = JSON.stringify({ do: 'describe' });
      const { Payload: answer } = await client.send(new InvokeCommand({ FunctionName, Qualifier, Payload }));
      return JSON.parse(answer?.transformToString() ?? '').arn;
    };
    const arn = 'arn:aws:lambda:us-east-1:000000000000:function:scripted';
    for (const name of ['scripted', arn, '000000000000:function:scripted']) {
      assert.equal(await invoke(name), arn);
      assert.equal(await invoke(`${name}:readers`), `${arn}:readers`);
      assert.equal(await invoke(name, 'readers'), `${arn}:readers`);
      assert.equal(await invoke(`${name}:readers`, 'readers'), `${arn}:readers`);
      await assert.rejects(invoke(`${name}:nobody`), ResourceNotFoundException);
      await assert.rejects(invoke(name, 'nobody'), ResourceNotFoundException);
      await assert.rejects(invoke(`${name}:readers`, '$LATEST'), InvalidParameterValueException);
    }
  });

  test('sends the tail of the log with the result, where it is asked for', async (context) => {
    const { options } = await runEndpoint(context);
    const client = new LambdaClient(options);
    context.after(() => client.destroy());
    const Payload = JSON.stringify({ do: 'print' });
    const tail = { FunctionName: 'scripted', Payload, LogType: 'Tail' } as const;
    const { LogResult = '' } = await client.send(new InvokeCommand(tail));
    const log = Buffer.from(LogResult, 'base64').toString('utf8');
    assert.match(log, /^START RequestId: .*\n[\s\S]*a line of output\nEND RequestId: .*\nREPORT RequestId: /);
    const without = await client.send(new InvokeCommand({ ...tail, LogType: 'None' }));
    assert.equal(without.LogResult, undefined);
  });

  test('describes its functions to the SDK, and keeps their keys to itself', async (context) => {
    const { options } = await runEndpoint(context);
    const client = new LambdaClient(options);
    context.after(() => client.destroy());
    const { Configuration } = await client.send(new GetFunctionCommand({ FunctionName: 'scripted' }));
    const arn = 'arn:aws:lambda:us-east-1:000000000000:function:scripted';
    assert.deepEqual(
      [Configuration?.FunctionArn, Configuration?.Timeout, Configuration?.MemorySize, Configuration?.State],
      [arn, 30, 256, 'Active'],
    );
    assert.deepEqual(Configuration?.Environment?.Variables, {});
    const alone = await client.send(new GetFunctionConfigurationCommand({ FunctionName: `${arn}:readers` }));
    assert.equal(alone.FunctionName, 'scripted');
    const { Functions = [] } = await client.send(new ListFunctionsCommand({}));
    assert.deepEqual(
      Functions.map(({ FunctionName }) => FunctionName),
      ['scripted'],
    );
    for (const FunctionName of ['nobody', 'scripted:nobody']) {
      await assert.rejects(client.send(new GetFunctionCommand({ FunctionName })), ResourceNotFoundException);
    }
  });

  test('says who is asking, as STS does, and has no more of it', async (context) => {
    const { post } = await runEndpoint(context);
    const ask = async (Action: string) => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
      const response = await post(headers, `Action=${Action}&Version=2011-06-15`);
      return [response.status, response.headers.get('content-type'), await response.text()] as const;
    };
    const [status, type, xml] = await ask('GetCallerIdentity');
    assert.deepEqual([status, type], [200, 'text/xml']);
    assert.match(xml, /<Account>000000000000<\/Account>/);
    assert.match(xml, /<Arn>arn:aws:iam::000000000000:user\/local<\/Arn>/);
    const [refused, , error] = await ask('AssumeRole');
    assert.equal(refused, 400);
    assert.match(error, /<Code>InvalidAction<\/Code>/);
  });

  test('refuses what nobody signed, so that no web page can send it', async (context) => {
    const { url } = await runEndpoint(context);
    const response = await fetch(`${url}/2015-03-31/functions/scripted/invocations`, {
      method: 'POST',
      body: '{}',
    });
    assert.equal(response.status, 403);
    assert.equal(response.headers.get('x-amzn-errortype'), 'MissingAuthenticationTokenException');
  });

  const refused: [string, Record<string, string>, string, number, string][] = [
    [
      'an unknown service',
      { 'x-amz-target': 'AmazonSQS.ListQueues' },
      '{}',
      400,
      'UnknownOperationException',
    ],
    ['no target', {}, '{}', 400, 'UnknownOperationException'],
    [
      'an unknown operation',
      { 'x-amz-target': 'secretsmanager.Nothing' },
      '{}',
      400,
      'UnknownOperationException',
    ],
    [
      'a body that is not JSON',
      { 'x-amz-target': 'secretsmanager.ListSecrets' },
      '{',
      400,
      'SerializationException',
    ],
    [
      'events that are not JSON',
      { 'x-amz-target': 'AWSEvents.PutEvents' },
      'x',
      400,
      'SerializationException',
    ],
    [
      'a body that is too long',
      { 'x-amz-target': 'secretsmanager.ListSecrets' },
      ' '.repeat(17 * 2 ** 20),
      413,
      'RequestTooLarge',
    ],
  ];
  for (const [what, headers, body, status, type] of refused) {
    test(`refuses ${what} in JSON with a request id`, async (context) => {
      const { post, defects } = await runEndpoint(context);
      const response = await post({ 'content-type': 'application/x-amz-json-1.1', ...headers }, body);
      assert.equal(response.status, status);
      assert.equal(response.headers.get('x-amzn-errortype'), type);
      assert.equal(response.headers.get('content-type'), 'application/x-amz-json-1.1');
      assert.ok(response.headers.get('x-amzn-requestid'));
      assert.equal(((await response.json()) as { __type: string }).__type, type);
      assert.deepEqual(defects, []);
    });
  }

  test('refuses an invoke whose payload is not JSON, or whose type is unknown', async (context) => {
    const { post } = await runEndpoint(context);
    const path = '/2015-03-31/functions/scripted/invocations';
    const malformed = await post({}, 'not json', path);
    assert.equal(malformed.headers.get('x-amzn-errortype'), 'InvalidRequestContentException');
    const unknown = await post({ 'x-amz-invocation-type': 'Perhaps' }, '{}', path);
    assert.equal(unknown.headers.get('x-amzn-errortype'), 'InvalidParameterValueException');
    assert.equal((await post({}, '{}', '/2015-03-31/functions/%zz/invocations')).status, 404);
  });

  for (const target of ['DynamoDB_20120810.ListTables', 'secretsmanager.ListSecrets']) {
    test(`a client that leaves in the middle of ${target} harms nobody`, async (context) => {
      const { port, post, defects } = await runEndpoint(context);
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      const head = [
        'POST / HTTP/1.1',
        'host: x',
        `authorization: ${AUTHORIZATION}`,
        `x-amz-target: ${target}`,
      ];
      socket.write(`${[...head, 'content-length: 100', '', '{'].join('\r\n')}`);
      socket.destroy();
      await once(socket, 'close');
      const response = await post({ 'x-amz-target': 'secretsmanager.ListSecrets' }, '{}');
      assert.equal(response.status, 200);
      assert.deepEqual(defects, []);
    });
  }
});
