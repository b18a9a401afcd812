import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { secretNames } from '../../../shared/config/names.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { MOST_SECRET_BYTES } from '../../../shared/secret-store/secret-store.ts';
import {
  parsePublished,
  renderPublished,
  TokenTooLargeError,
} from '../../../shared/vault/published-value.ts';
import { Rescue } from '../../../shared/vault/rescue.ts';
import { ManualClock } from '../../support/fakes/manual-clock.ts';
import { MemorySecretStore } from '../../support/fakes/memory-secret-store.ts';
import { aPair, aRecord } from '../../support/records.ts';
import { AdminWorld } from '../admin/admin-world.ts';

const large = (characters: number) => new Secret('x'.repeat(characters));
const sealedOf = (characters: number) => 'x'.repeat(Math.ceil((characters * 4) / 3) + 100);

/** The published value of an access token of so many characters, sealed as a JWE seals it. */
function render(characters: number, record = aRecord()): Secret {
  const pair = aPair({ sealedAccess: sealedOf(characters) });
  return renderPublished(record, pair, { accessToken: large(characters), refreshToken: undefined });
}

describe('a token that is large', () => {
  it('is published with the sealed pair as long as both fit into a secret', () => {
    for (const characters of [20_000, 27_000]) {
      const value = render(characters);
      assert.ok(value.reveal().length <= MOST_SECRET_BYTES);
      assert.equal(parsePublished(value, undefined)?.sealedAccess, sealedOf(characters));
    }
  });

  it('is published without the sealed pair where that would not fit', () => {
    for (const characters of [30_000, 65_000]) {
      const value = render(characters);
      const { access_token, sealed, generation } = JSON.parse(value.reveal());
      assert.deepEqual([access_token.length, sealed, generation], [characters, undefined, 1]);
      assert.equal(parsePublished(value, undefined), undefined, 'there is no pair in it to recover');
    }
  });

  it('that no secret can hold is refused before anything is written', () => {
    assert.throws(() => render(66_000), TokenTooLargeError);
  });

  it('is rescued by its refresh token, which is due at once', async () => {
    const store = new MemorySecretStore({ clock: new ManualClock() });
    const rescue = new Rescue(store, secretNames('renova/prd'));
    const pair = aPair({ sealedAccess: sealedOf(60_000) });
    await rescue.put('acme', pair);
    const rescued = await rescue.get('acme');
    assert.deepEqual([rescued?.sealedAccess, rescued?.sealedRefresh], [undefined, pair.sealedRefresh]);
    assert.equal(rescued?.refreshAfterMs, pair.issuedAtMs);
  });
});

describe('a credential whose token no secret can hold', () => {
  it('says so at its registration, and names the command that helps', async () => {
    const admin = await registered();
    const { ok, detail } = admin.steps.at(-1);
    assert.equal(ok, false);
    assert.match(detail, /cannot be published \(.*65,536 bytes: token-too-large\)/);
    assert.match(detail, /renova update acme --publish none$/);
  });

  it('is told of with the reason and the same command, and is well after it', async () => {
    const { admin } = await registered();
    await admin.world.ticks(5);
    const told = admin.world.events.accepted.find(({ type }) => type === 'Token Unpublished');
    assert.match(told?.detail.explanation ?? '', /token-too-large/);
    assert.match(told?.detail.remedy ?? '', /update acme --publish none/);
    assert.equal((await admin.record('acme')).publication.reason, 'token-too-large');

    await admin.do({ action: 'update', credential: 'acme', publish: 'none' });
    await admin.world.ticks(2);
    const { unpublished_since } = (await admin.do({ action: 'status', credential: 'acme' })) as {
      unpublished_since?: string;
    };
    assert.equal(unpublished_since, undefined);
  });

  async function registered() {
    const admin = new AdminWorld();
    const { provider, endpoint } = admin.world;
    endpoint.playAlways((request) => {
      const answer = provider.answer(request);
      if (answer.kind !== 'success') return answer;
      return { ...answer, response: { ...answer.response, accessToken: large(70_000) } };
    });
    const { steps } = await admin.register('acme');
    return { admin, steps };
  }
});
