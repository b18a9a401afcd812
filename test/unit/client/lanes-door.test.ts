import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { lanesDoor } from '../../../client/lanes-door.ts';
import { secretReader } from '../../../client/read-secret.ts';
import { newToken } from '../../../client/token.ts';
import { TokenError } from '../../../client/token-error.ts';

const DAY_MS = 24 * 3_600_000;
/** The middle of slot 5 of 12. */
const MIDDLE_MS = Date.UTC(2026, 0, 1) + 5.5 * (DAY_MS / 12);

describe('the published secrets', () => {
  it('are read once to learn how many there are, and then the slot’s and the one before', async () => {
    const vault = new Vault(12);
    vault.put(5, 40);
    assert.equal((await vault.ask()).accessToken, 'fake-access-40');
    assert.deepEqual(vault.taken(), [0, 5, 4]);
    await vault.ask();
    assert.deepEqual(vault.taken(), [5, 4]);
  });

  it('give the higher generation, wherever of the two it is', async () => {
    const vault = new Vault(12);
    vault.put(5, 40);
    vault.put(4, 41);
    assert.equal((await vault.ask()).generation, 41);
    vault.put(5, 42);
    assert.equal((await vault.ask()).generation, 42);
  });

  it('are read in the next slot too when its turn is near, because the publisher’s clock may be ahead', async () => {
    const vault = new Vault(12);
    vault.nowMs = Date.UTC(2026, 0, 1) + 6 * (DAY_MS / 12) - 1;
    vault.put(5, 40);
    vault.put(6, 41);
    assert.equal((await vault.ask()).generation, 41);
  });

  it('are all read when what is there has expired', async () => {
    const vault = new Vault(12);
    vault.put(5, 40, -1);
    vault.put(9, 41);
    assert.equal((await vault.ask()).generation, 41);
  });

  it('are found when there are more of them than before', async () => {
    const vault = new Vault(1);
    vault.put(0, 40, -1);
    vault.lanes = 12;
    vault.put(5, 41);
    assert.equal((await vault.ask()).generation, 41);
    vault.taken();
    await vault.ask();
    assert.deepEqual(vault.taken(), [5, 4]);
  });

  it('are read once only when there is one', async () => {
    const vault = new Vault(1);
    vault.put(0, 40);
    await vault.ask();
    vault.taken();
    await vault.ask();
    assert.deepEqual(vault.taken(), [0]);
  });

  it('give no token that is expired, a placeholder, or too short-lived', async () => {
    const vault = new Vault(12);
    await assert.rejects(vault.ask(), { code: 'no-live-token', isTemporary: true });
    vault.put(5, 40, 60_000);
    await assert.rejects(vault.ask(61), { code: 'no-live-token' });
    assert.equal((await vault.ask(60)).generation, 40);
    vault.nowMs += 60_000;
    await assert.rejects(vault.ask(), { code: 'no-live-token' });
  });

  it('of a credential that publishes none are unknown', async () => {
    const vault = new Vault(12);
    vault.secrets.clear();
    await assert.rejects(vault.ask(), { code: 'unknown-credential', isTemporary: false });
  });

  it('are looked at again for a moment after a token was refused: the next may be on its way', async () => {
    const vault = new Vault(12);
    vault.put(5, 40);
    vault.onSleep = () => vault.put(5, 41);
    assert.equal((await vault.door.refused(vault.token(40), {})).generation, 41);
    vault.onSleep = () => undefined;
    assert.equal((await vault.door.refused(vault.token(41), {})).generation, 41);
    assert.ok(vault.slept <= 5);
  });
});

describe('reading a secret by the SDK', () => {
  const failing = (name: string) =>
    secretReader({ send: () => Promise.reject(Object.assign(new Error('fake-secret-text'), { name })) })('a');

  it('tells what is not there from what is refused and from what does not answer', async () => {
    assert.equal(await failing('ResourceNotFoundException'), undefined);
    // It waits for its deletion: the credential was removed, or publishes no more.
    assert.equal(await failing('InvalidRequestException'), undefined);
    await assert.rejects(failing('AccessDeniedException'), { code: 'forbidden', isTemporary: false });
    await assert.rejects(failing('ThrottlingException'), (error) => {
      assert.ok(error instanceof TokenError);
      assert.deepEqual([error.code, error.isTemporary], ['unavailable', true]);
      assert.match(error.message, /ThrottlingException/);
      assert.doesNotMatch(`${error.message} ${error.stack} ${error.cause}`, /fake-secret-text/);
      return true;
    });
  });
});

test('without a region, reading a secret says so', async (t) => {
  const nowhere = {
    AWS_REGION: undefined,
    AWS_CONFIG_FILE: '/nowhere',
    AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
  };
  const before = { ...process.env };
  t.after(() => {
    process.env = before;
  });
  process.env = { ...before, ...nowhere };
  delete process.env.AWS_REGION;

  await assert.rejects(secretReader()('a'), { code: 'unavailable', message: /AWS_REGION/ });
});

class Vault {
  nowMs = MIDDLE_MS;
  lanes: number;
  slept = 0;
  onSleep: () => void = () => undefined;
  readonly secrets = new Map<string, string>();
  #read: number[] = [];
  readonly door = lanesDoor({
    credential: 'acme',
    env: 'prd',
    nowMs: () => this.nowMs,
    readSecret: async (name) => {
      this.#read.push(Number(name.split('/').at(-1)));
      return this.secrets.get(name);
    },
    sleep: async () => {
      this.slept += 1;
      this.onSleep();
    },
  });

  constructor(lanes: number) {
    this.lanes = lanes;
    for (let lane = 0; lane < lanes; lane += 1) this.put(lane, 0, Number.NEGATIVE_INFINITY);
  }

  put(lane: number, generation: number, ttlMs = 300_000): void {
    const time = (ms: number) =>
      new Date(ttlMs === Number.NEGATIVE_INFINITY ? 0 : this.nowMs + ms).toISOString();
    const value = {
      access_token: generation === 0 ? '' : `fake-access-${generation}`,
      token_type: 'Bearer',
      scope: '',
      generation,
      lanes: this.lanes,
      expires_at: time(ttlMs),
      refresh_after: time(ttlMs / 2),
    };
    this.secrets.set(`renova/prd/acme/token/${lane}`, JSON.stringify(value));
  }

  token(generation: number) {
    const rest = { tokenType: 'Bearer', scope: '', generation, expiresAtMs: 0, holdUntilMs: 0 };
    return newToken(`fake-access-${generation}`, rest);
  }

  ask(minTtlSeconds?: number) {
    return this.door.ask({ minTtlSeconds });
  }

  /** The lanes read since the last time. */
  taken(): number[] {
    return this.#read.splice(0);
  }
}
