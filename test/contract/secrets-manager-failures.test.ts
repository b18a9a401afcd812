import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { inspect } from 'node:util';
import { ListSecretVersionIdsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Secret } from '../../shared/secret/secret.ts';
import { SecretsManagerSecretStore } from '../../shared/secret-store/secrets-manager-secret-store.ts';
import { StoreUnavailableError } from '../../shared/table/table.ts';
import { testClientOptions } from '../support/aws-clients.ts';
import { ManualClock } from '../support/fakes/manual-clock.ts';
import { awsException, connectionReset, injectSdkFault, type SdkFault } from '../support/sdk-faults.ts';
import { startSecretsManager, unhurried } from '../support/secrets-manager.ts';

const { client, endpoint, reset, stop } = await startSecretsManager(unhurried(new ManualClock()));
after(stop);
const store = new SecretsManagerSecretStore(client);
const value = new Secret('fake-sentinel');

describe('the Secrets Manager store when the service or the network fails', () => {
  test('a put whose answer was lost is resent by the SDK and is one version', async () => {
    for (const options of [{}, { requestToken: randomUUID() }]) {
      const name = await create();
      await withFault({ ...lostAnswer('PutSecretValue'), times: 1 }, () => store.put(name, value, options));
      const { Versions } = await client.send(new ListSecretVersionIdsCommand({ SecretId: name }));
      assert.equal(Versions?.length, 2);
    }
  });

  test('a create whose answer was lost is resent by the SDK and has created', async () => {
    const name = newName();
    await withFault({ ...lostAnswer('CreateSecret'), times: 1 }, async () =>
      assert.equal(await store.create(name, value), true),
    );
  });

  test('a removal of what is not there, or was removed before, deletes nothing', async () => {
    const removed = await create();
    await store.remove(removed, 7);
    await withFault(before('DeleteSecret'), async () => {
      await store.remove(newName(), 7);
      await store.remove(removed, 7);
      await unavailable(store.remove(await create(), 7));
    });
  });

  test('a removal whose answer was lost is resent by the SDK and succeeds', async () => {
    const name = await create();
    await withFault({ ...lostAnswer('DeleteSecret'), times: 1 }, () => store.remove(name, 7));
    assert.equal(await store.get(name), undefined);
  });

  for (const refusal of ['InvalidRequestException', 'AccessDeniedException', 'DecryptionFailure']) {
    test(`${refusal} of a secret that is there is unavailable, and the error quotes nothing`, async () => {
      const name = await create();
      const calls: Record<string, () => Promise<unknown>> = {
        GetSecretValue: () => store.get(name),
        PutSecretValue: () => store.put(name, value),
        CreateSecret: () => store.create(name, value),
        DeleteSecret: () => store.remove(name, 7),
      };
      for (const [operation, call] of Object.entries(calls)) {
        const error = awsException(refusal, 400, 'fake-sentinel in the message');
        await withFault({ ...before(operation), error }, async () => {
          const rejection = await unavailable(call());
          assert.deepEqual(rejection.cause, { name: refusal, status: 400 });
          assert.doesNotMatch(inspect(rejection, { depth: null, showHidden: true }), /sentinel/);
        });
      }
    });
  }

  test('a refusal that cannot be looked into is unavailable', async () => {
    const name = await create();
    await store.remove(name, 7);
    await withFault(before('DescribeSecret'), async () => {
      await unavailable(store.get(name));
      await unavailable(store.put(name, value));
      await unavailable(store.create(name, value));
    });
  });

  test('a creation interrupted after restoring leaves the secret there, with the value it had', async () => {
    const name = await create();
    await store.remove(name, 7);
    await withFault(before('PutSecretValue'), () => unavailable(store.create(name, new Secret('fake-new'))));
    assert.equal((await store.get(name))?.value.reveal(), 'fake-sentinel');
    assert.equal(await store.create(name, new Secret('fake-new')), false);
  });

  test('throttling is unavailable', async () => {
    const name = await create();
    const hasty = new SecretsManagerClient({ ...testClientOptions(endpoint), maxAttempts: 1 });
    const hastyStore = new SecretsManagerSecretStore(hasty);
    reset(new ManualClock());
    await hastyStore.create(name, value);
    for (let put = 0; put < 50; put++) await hastyStore.put(name, value);
    const rejection = await unavailable(hastyStore.put(name, value));
    assert.deepEqual(rejection.cause, { name: 'ThrottlingException', status: 400 });
    reset(unhurried(new ManualClock()));
  });

  test('an abort ends a put at once, though the SDK would try again', async () => {
    const name = await create();
    const abort = new AbortController();
    let sendings = 0;
    const error = connectionReset();
    const onSend = () => {
      sendings += 1;
      abort.abort();
    };
    await withFault({ ...before('PutSecretValue'), error, onSend }, async () => {
      const rejection = await unavailable(store.put(name, value, { signal: abort.signal }));
      assert.deepEqual(rejection.cause, { name: 'AbortError' });
      assert.equal(sendings, 1);
    });
  });
});

const newName = () => `renova/hml/${randomUUID()}/token/0`;

async function create(): Promise<string> {
  const name = newName();
  assert.equal(await store.create(name, value), true);
  return name;
}

function before(operation: string): SdkFault {
  return { command: `${operation}Command`, point: 'before', error: connectionReset() };
}

function lostAnswer(operation: string): SdkFault {
  return { ...before(operation), point: 'after' };
}

async function unavailable(call: Promise<unknown>): Promise<StoreUnavailableError> {
  const rejection: unknown = await call.then(
    () => assert.fail('it should have rejected'),
    (error: unknown) => error,
  );
  assert.ok(rejection instanceof StoreUnavailableError, inspect(rejection));
  return rejection;
}

async function withFault(fault: SdkFault, act: () => Promise<unknown>): Promise<void> {
  const takeBack = injectSdkFault(client, fault);
  try {
    await act();
  } finally {
    takeBack();
  }
}
