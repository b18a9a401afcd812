import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { elements, jsonQuestion, pathQuestion, queryQuestion } from '../../cli/account/ask-aws.ts';
import { signedAsk } from '../../cli/account/signed-ask.ts';
import { serve } from '../../local/http/http-server.ts';
import { ManualClock } from '../support/fakes/manual-clock.ts';

interface Received {
  readonly request: IncomingMessage;
  readonly body: string;
}

/** Asks a server of loopback that answers everything the same. */
async function asked(
  question: Parameters<ReturnType<typeof signedAsk>>[0],
  answer: { readonly status?: number; readonly headers?: Record<string, string>; readonly text: string },
  region = 'sa-east-1',
) {
  const received: Received[] = [];
  const server = await serve(
    async (request, response) => {
      received.push({ request, body: (await buffer(request)).toString() });
      response.writeHead(answer.status ?? 200, answer.headers).end(answer.text);
    },
    0,
    'the service',
  );
  try {
    const ask = signedAsk({
      endpoint: server.url,
      region: async () => region,
      credentials: async () => ({ accessKeyId: 'FAKEKEYID', secretAccessKey: 'fake-secret-key' }),
      clock: new ManualClock(Date.UTC(2026, 0, 1)),
    });
    return { answer: await ask(question), received: received[0] };
  } finally {
    await server.close();
  }
}

describe('asking AWS by signed requests', () => {
  it('says service and region in the signature; IAM is one for all regions', async () => {
    const scope = async (question: Parameters<typeof asked>[0], region?: string) => {
      const { received } = await asked(question, { text: '{}' }, region);
      return /Credential=FAKEKEYID\/([^,]+)/.exec(received?.request.headers.authorization ?? '')?.[1];
    };
    const iam = queryQuestion('iam', '2010-05-08', 'SimulatePrincipalPolicy');
    assert.equal(
      await scope(pathQuestion('scheduler', 'scheduler:GetSchedule', '/schedules/x')),
      '20260101/sa-east-1/scheduler/aws4_request',
    );
    assert.equal(
      await scope(queryQuestion('cloudwatch', '2010-08-01', 'DescribeAlarms')),
      '20260101/sa-east-1/monitoring/aws4_request',
    );
    assert.equal(await scope(iam), '20260101/us-east-1/iam/aws4_request');
    assert.equal(await scope(iam, 'cn-northwest-1'), '20260101/cn-north-1/iam/aws4_request');
  });

  it('sends what each protocol wants', async () => {
    const json = await asked(jsonQuestion('sqs', 'AmazonSQS.GetQueueUrl', { QueueName: 'q' }), {
      text: '{}',
    });
    assert.equal(json.received?.request.headers['x-amz-target'], 'AmazonSQS.GetQueueUrl');
    assert.equal(json.received?.body, '{"QueueName":"q"}');
    const query = await asked(
      queryQuestion('sns', '2010-03-31', 'ListSubscriptionsByTopic', { TopicArn: 'a:b' }),
      {
        text: '<R/>',
      },
    );
    assert.equal(query.received?.body, 'Action=ListSubscriptionsByTopic&Version=2010-03-31&TopicArn=a%3Ab');
  });

  it('gives the code of a refusal in any protocol, and nothing else of it', async () => {
    const question = pathQuestion('lambda', 'lambda:GetFunctionConfiguration', '/x');
    const refusals: [headers: Record<string, string>, text: string, code: string][] = [
      [
        { 'x-amzn-errortype': 'AccessDeniedException:http://internal' },
        '{"Message":"x"}',
        'AccessDeniedException',
      ],
      [{}, '{"__type":"com.amazon.coral#ResourceNotFoundException"}', 'ResourceNotFoundException'],
      [{}, '<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>', 'AccessDenied'],
      [{}, 'a page', 'unknown'],
    ];
    for (const [headers, text, code] of refusals) {
      const { answer } = await asked(question, { status: 400, headers, text });
      assert.deepEqual(answer, { ok: false, code });
    }
  });

  it('is refused, and does not reject, where nobody answers', async () => {
    const ask = signedAsk({
      endpoint: 'http://127.0.0.1:1',
      region: async () => 'sa-east-1',
      credentials: () => Promise.reject(new Error('none')),
      clock: new ManualClock(0),
    });
    assert.deepEqual(await ask(pathQuestion('ec2', 'ec2:X', '/')), { ok: false, code: 'no-answer' });
  });
});

describe('elements of an answer', () => {
  it('are those that lie in no other of their name', () => {
    const xml = '<a><m><n>1</n><l><m>x</m><m/></l></m><m x="y">2</m><m/></a>';
    assert.deepEqual(elements(xml, 'm'), ['<n>1</n><l><m>x</m><m/></l>', '2']);
    assert.deepEqual(elements(xml, 'n'), ['1']);
    assert.deepEqual(elements('<m>cut off', 'm'), []);
  });
});
