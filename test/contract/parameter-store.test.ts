import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { createParameterStore } from '../../local/aws/parameter-store/parameter-store.ts';
import {
  SignedParameterStore,
  type SignedParameterStoreOptions,
} from '../../shared/parameter-store/signed-parameter-store.ts';
import { Secret } from '../../shared/secret/secret.ts';
import { StoreUnavailableError } from '../../shared/table/table.ts';
import { ManualClock } from '../support/fakes/manual-clock.ts';
import { MemoryParameterStore } from '../support/fakes/memory-parameter-store.ts';
import { parameterStoreContract } from './parameter-store-contract.ts';

const NAME = '/renova/prd/acme/token';
const REGION = 'sa-east-1';

parameterStoreContract('memory', () => {
  const store = new MemoryParameterStore();
  return { store, read: async (name) => store.values.get(name), tags: async (name) => store.tags(name) };
});

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;
let answer: Answer;
const server = createServer((request, response) => void answer(request, response));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
after(() => {
  server.closeAllConnections();
  server.close();
});

/** Pauses end at once. */
const clock = Object.assign(new ManualClock(), { sleep: async () => undefined });

const signed = (created?: SignedParameterStoreOptions['created']) =>
  new SignedParameterStore({
    created,
    at: () => ({ endpoint, region: REGION }),
    credentials: () => ({ accessKeyId: 'fake-key', secretAccessKey: 'fake-secret' }),
    clock,
    random: { id: () => 'fake-id', fraction: () => 0.5 },
  });

parameterStoreContract('Systems Manager (local emulator)', () => {
  const emulator = createParameterStore({ clock: unhurried() });
  answer = async (request, response) => {
    const operation = String(request.headers['x-amz-target']).replace('AmazonSSM.', '');
    const { status, body } = emulator.handle(operation, JSON.parse(await text(request)), REGION);
    response.writeHead(status).end(JSON.stringify(body));
  };
  const read = async (Name: string) => {
    const { body } = emulator.handle('GetParameter', { Name, WithDecryption: true }, REGION);
    return (body as { readonly Parameter?: { readonly Value: string } }).Parameter?.Value;
  };
  const tags = async (ResourceId: string) => {
    const { body } = emulator.handle(
      'ListTagsForResource',
      { ResourceType: 'Parameter', ResourceId },
      REGION,
    );
    const { TagList = [] } = body as { readonly TagList?: readonly { Key: string; Value: string }[] };
    return Object.fromEntries(TagList.map(({ Key, Value }) => [Key, Value]));
  };
  return { store: signed(), read, tags };
});

describe('a parameter of an environment with a key and tags of its own', () => {
  it('has both, and the tags of its credential beside them', async () => {
    const asked: Record<string, unknown>[] = [];
    answer = async (request, response) => {
      asked.push({ operation: request.headers['x-amz-target'], ...JSON.parse(await text(request)) });
      response.writeHead(200).end(JSON.stringify({ Version: 1, Tier: 'Standard' }));
    };
    const store = signed({ kmsKeyId: 'fake-key-arn', tags: { owner: 'payments' } });
    await store.put(NAME, new Secret('fake-value-1'), { tags: { owner: 'acme', team: 'a' } });
    await store.retag(NAME, { set: { team: 'b' }, drop: ['owner', 'site'] });
    assert.equal(asked[0]?.KeyId, 'fake-key-arn');
    assert.deepEqual(
      asked.slice(1).map(({ Tags, TagKeys }) => Tags ?? TagKeys),
      [
        [
          { Key: 'owner', Value: 'payments' },
          { Key: 'team', Value: 'a' },
        ],
        [
          { Key: 'team', Value: 'b' },
          { Key: 'owner', Value: 'payments' },
        ],
        ['site'],
      ],
    );
  });
});

describe('Systems Manager that refuses', () => {
  /** Answers with these statuses and codes, one a request, the last one again and again. */
  const answers = (...given: readonly (readonly [status: number, code: string] | 'reset')[]) => {
    const seen: (string | undefined)[] = [];
    answer = async (request, response) => {
      const next = given[Math.min(seen.length, given.length - 1)] ?? 'reset';
      seen.push(request.headers.authorization);
      await text(request);
      if (next === 'reset') request.socket.destroy();
      else response.writeHead(next[0]).end(JSON.stringify({ __type: next[1], message: 'fake-value-1' }));
    };
    return seen;
  };
  const put = () => signed().put(NAME, new Secret('fake-value-1'));

  it('is asked again when it throttles, fails or is not heard', async () => {
    const seen = answers([400, 'ThrottlingException'], 'reset', [500, 'InternalServerError'], [200, '']);
    await put();
    assert.equal(seen.length, 4);
    assert.match(seen[0] ?? '', /Credential=fake-key\/\d{8}\/sa-east-1\/ssm\/aws4_request/);
  });

  for (const [refusal, requests, reason] of [
    [[400, 'ThrottlingException'], 4, 'ThrottlingException'],
    [[400, 'AccessDeniedException'], 1, 'AccessDeniedException'],
    [[400, 'com.amazonaws.ssm#ParameterLimitExceeded'], 1, 'ParameterLimitExceeded'],
    [[503, ''], 4, undefined],
    ['reset', 4, undefined],
  ] as const) {
    it(`is a store that is away (${String(refusal)}), told by its code and no value`, async () => {
      const seen = answers(refusal);
      await assert.rejects(put(), (error) => {
        assert.ok(error instanceof StoreUnavailableError);
        if (reason) assert.equal(error.reason, reason);
        assert.doesNotMatch(inspect(error, { depth: 9 }), /fake-value|fake-secret/);
        return true;
      });
      assert.equal(seen.length, requests);
    });
  }
});

/** A second passes between two requests. */
function unhurried() {
  let nowMs = 0;
  return Object.assign(new ManualClock(), {
    monotonicMs: () => {
      nowMs += 1000;
      return nowMs;
    },
  });
}
