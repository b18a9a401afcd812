import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import type { CredentialSettings } from '../../../shared/credential/settings.ts';
import { LambdaRefreshService } from '../../../shared/refresh-service/lambda-refresh-service.ts';
import { RefreshServiceError } from '../../../shared/refresh-service/refresh-service.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { someSettings } from '../../support/settings.ts';
import { bytes, clientOf, fakeLambdaClient } from './fake-lambda-client.ts';

const settings: CredentialSettings = someSettings();
const TOKEN = 'fake-sentinel-refresh-token';

/** Every question of the port, the event it must become, and what the answer comes back as. */
const questions: readonly {
  readonly what: string;
  readonly ask: (service: LambdaRefreshService) => Promise<unknown>;
  readonly sent: object;
  readonly answer: unknown;
  readonly returned: unknown;
}[] = [
  {
    what: 'a refresh',
    ask: (service) => service.refresh({ credential: 'acme', force: true, waitMs: 20 }),
    sent: { action: 'refresh', credential: 'acme', force: true, wait_ms: 20 },
    answer: { result: 'refreshed', generation: 2 },
    returned: { result: 'refreshed', generation: 2 },
  },
  {
    what: 'a refresh for a reader whose token was refused',
    ask: (service) => service.refresh({ credential: 'acme', ifGeneration: 7, refused: true, waitMs: 0 }),
    sent: { action: 'refresh', credential: 'acme', if_generation: 7, refused: true, wait_ms: 0 },
    answer: { result: 'nothing', reason: 'not-due' },
    returned: { result: 'nothing', reason: 'not-due' },
  },
  {
    what: 'a first chain',
    ask: (service) => service.seed({ settings, chain: 'c', lanes: 12, refreshToken: new Secret(TOKEN) }),
    sent: { action: 'seed', settings: wire(settings), chain: 'c', lanes: 12, refresh_token: TOKEN },
    answer: { done: true },
    returned: true,
  },
  {
    what: 'a first chain of what logs in by itself, of an id that is taken',
    ask: (service) => service.seed({ settings, chain: 'c', lanes: 1 }),
    sent: { action: 'seed', settings: wire(settings), chain: 'c', lanes: 1 },
    answer: { done: false },
    returned: false,
  },
  {
    what: 'a new chain',
    ask: (service) => service.reseed({ credential: 'acme', chain: 'd', refreshToken: new Secret(TOKEN) }),
    sent: { action: 'reseed', credential: 'acme', chain: 'd', refresh_token: TOKEN },
    answer: { done: false },
    returned: { result: 'unknown-credential' },
  },
  {
    what: 'a new chain beside a refresh',
    ask: (service) => service.reseed({ credential: 'acme', chain: 'd', waitMs: 500 }),
    sent: { action: 'reseed', credential: 'acme', chain: 'd', wait_ms: 500 },
    answer: { done: false, in_flight_until_ms: 12 },
    returned: { result: 'in-flight', untilMs: 12 },
  },
  {
    what: 'a change of the client secret',
    ask: (service) => service.updateClient({ credential: 'acme' }, { client_secret: TOKEN }),
    sent: { action: 'update-client', credential: 'acme', changes: { client_secret: TOKEN } },
    answer: { done: true, certificate_ends_at_ms: 12 },
    returned: { certificateEndMs: 12 },
  },
  {
    what: 'a recovery',
    ask: (service) => service.recover('acme'),
    sent: { action: 'recover', credential: 'acme' },
    answer: { credential: 'acme', result: 'up-to-date', generation: 1 },
    returned: { credential: 'acme', result: 'up-to-date', generation: 1 },
  },
  {
    what: 'unreadable answers that are not there',
    ask: (service) => service.unreadableAnswers('acme'),
    sent: { action: 'unreadable-answers', credential: 'acme' },
    answer: { answers: [] },
    returned: [],
  },
  {
    what: 'a rotation of the seal keys',
    ask: (service) => service.rotateSeal(),
    sent: { action: 'rotate-seal' },
    answer: { resealed: 2, rings: { a: ['k1'] } },
    returned: { resealed: 2, rings: { a: ['k1'] } },
  },
];

describe('asking the refresh function by Lambda', () => {
  for (const { what, ask, sent, answer, returned } of questions) {
    it(`sends ${what}, and gives back what it answered`, async () => {
      const lambda = fakeLambdaClient(async () => answer);
      assert.deepEqual(await ask(new LambdaRefreshService(lambda.client, 'fake-refresh')), returned);
      assert.equal(lambda.sent.length, 1);
      assert.equal(lambda.sent[0]?.functionName, 'fake-refresh');
      assert.deepEqual(JSON.parse(lambda.sent[0]?.payload ?? ''), sent);
    });

    it(`says nothing of ${what} when it fails, however it fails`, async () => {
      for (const send of failures(JSON.stringify(sent))) {
        const service = new LambdaRefreshService(clientOf(send), 'fake-refresh');
        const error = await ask(service).then(
          () => assert.fail('it should have failed'),
          (reason: unknown) => reason,
        );
        assert.ok(error instanceof RefreshServiceError, String(error));
        assert.equal(error.code, 'refresh-service-unavailable');
        assert.match(
          error.message,
          /^The function fake-refresh failed or could not be invoked; see its log\.$/,
        );
        assert.equal(error.cause, undefined);
        assert.doesNotMatch(inspect(error, { depth: null, showHidden: true }), /sentinel/);
      }
    });
  }

  it('takes what another version of the function answers', async () => {
    const answers = { result: 'refreshed-otherwise', reason: 'of-a-newer-version', other: 1, done: true };
    const lambda = fakeLambdaClient(async () => answers);
    const service = new LambdaRefreshService(lambda.client, 'fake-refresh');
    assert.deepEqual(await service.refresh({ credential: 'acme', waitMs: 0 }), {
      result: 'refreshed-otherwise',
      reason: 'of-a-newer-version',
    });
    assert.ok(await service.updateClient({ credential: 'acme' }, {}));
  });

  it('keeps an unreadable answer secret', async () => {
    const lambda = fakeLambdaClient(async () => ({ answers: [{ at_ms: 1, generation: 2, body: TOKEN }] }));
    const [answer] = await new LambdaRefreshService(lambda.client, 'fake-refresh').unreadableAnswers('acme');
    assert.equal(answer?.body.reveal(), TOKEN);
    assert.doesNotMatch(
      inspect(answer, { depth: null, showHidden: true }) + JSON.stringify(answer),
      /sentinel/,
    );
  });

  it('asks once: what may have happened is not sent again', async () => {
    let sends = 0;
    const send = async () => {
      sends += 1;
      throw new Error('fake');
    };
    await assert.rejects(new LambdaRefreshService(clientOf(send), 'fake-refresh').recover('acme'));
    assert.equal(sends, 1);
  });
});

/** Ways to fail, each with the request and so its secrets in it. */
function failures(request: string): (() => Promise<unknown>)[] {
  return [
    () => Promise.reject(new Error(request, { cause: { request } })),
    async () => ({ FunctionError: 'Unhandled', Payload: bytes(JSON.stringify({ errorMessage: request })) }),
    async () => ({ Payload: bytes(`not JSON: ${request}`) }),
    async () => ({}),
  ];
}

function wire(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
