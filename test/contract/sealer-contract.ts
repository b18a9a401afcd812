import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import type { SealedPair } from '../../shared/credential/credential.ts';
import { SealError } from '../../shared/sealing/seal.ts';
import type { Sealer } from '../../shared/sealing/sealer.ts';
import { Secret } from '../../shared/secret/secret.ts';
import { aPair } from '../support/records.ts';

const { sealedAccess: _, sealedRefresh: __, ...BARE } = aPair();
const tokens = {
  accessToken: new Secret('fake-access-sentinel'),
  refreshToken: new Secret('fake-refresh-sentinel'),
};

/** The rules of `Sealer`, for one adapter. `open` gives a sealer that is ready. */
export function sealerContract(adapter: string, open: () => Promise<Sealer>): void {
  describe(`a sealer: ${adapter}`, () => {
    it('opens what it sealed, and leaves the rest of the pair as it was', async () => {
      const sealer = await open();
      await sealer.ready();
      const sealed = await sealer.sealPair('acme', BARE, tokens);
      assert.equal((await sealer.accessToken('acme', sealed))?.reveal(), 'fake-access-sentinel');
      assert.equal((await sealer.refreshToken('acme', sealed))?.reveal(), 'fake-refresh-sentinel');
      const { sealedAccess, sealedRefresh, ...rest } = sealed;
      assert.deepEqual(rest, BARE);
      assert.notEqual(sealedAccess, sealedRefresh);
    });

    it('opens it from a copy that went through a store', async () => {
      const sealer = await open();
      const stored: SealedPair = JSON.parse(JSON.stringify(await sealer.sealPair('acme', BARE, tokens)));
      assert.equal((await sealer.refreshToken('acme', stored))?.reveal(), 'fake-refresh-sentinel');
    });

    it('gives back every text exactly', async () => {
      const sealer = await open();
      const texts = fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('', '\uFEFFafter a mark', '\0', 'ü€😀'),
      );
      await fc.assert(
        fc.asyncProperty(texts, async (text) => {
          const sealed = await sealer.sealPair('acme', BARE, { refreshToken: new Secret(text) });
          assert.equal((await sealer.refreshToken('acme', sealed))?.reveal(), text);
        }),
      );
    });

    it('seals what there is: a seed has no access token, a client that logs in no refresh token', async () => {
      const sealer = await open();
      const seed = await sealer.sealPair('acme', BARE, { refreshToken: tokens.refreshToken });
      assert.equal('sealedAccess' in seed, false);
      assert.equal(await sealer.accessToken('acme', seed), undefined);
      const login = await sealer.sealPair('acme', BARE, { accessToken: tokens.accessToken });
      assert.equal('sealedRefresh' in login, false);
      assert.equal(await sealer.refreshToken('acme', login), undefined);
    });

    it('opens nothing that was moved to another credential, chain, generation or use', async () => {
      const sealer = await open();
      const sealed = await sealer.sealPair('acme', BARE, tokens);
      const answer = await sealer.sealAnswer(tokens.refreshToken, { credential: 'acme', ...BARE });
      const moved: readonly [string, SealedPair][] = [
        ['acme2', sealed],
        ['acme', { ...sealed, chain: 'chain-2' }],
        ['acme', { ...sealed, generation: 2 }],
        ['acme', { ...sealed, sealedAccess: sealed.sealedRefresh, sealedRefresh: sealed.sealedAccess }],
        ['acme', { ...sealed, sealedAccess: answer, sealedRefresh: answer }],
        ['acme', { ...sealed, sealedAccess: 'fake-nonsense', sealedRefresh: 'fake-nonsense' }],
      ];
      for (const [credential, pair] of moved) {
        await assertBroken(sealer.accessToken(credential, pair));
        await assertBroken(sealer.refreshToken(credential, pair));
      }
    });

    it('opens a sealed answer where it belongs, and nowhere else', async () => {
      const sealer = await open();
      const place = { credential: 'acme', chain: 'chain-1', generation: 1 };
      const sealed = await sealer.sealAnswer(new Secret('fake-body-sentinel'), place);
      assert.equal((await sealer.openAnswer(sealed, place)).reveal(), 'fake-body-sentinel');
      await assertBroken(sealer.openAnswer(sealed, { ...place, generation: 2 }));
      await assertBroken(sealer.openAnswer(sealed, { ...place, chain: 'chain-2' }));
      await assertBroken(sealer.openAnswer(sealed, { ...place, credential: 'acme2' }));
      const pair = await sealer.sealPair('acme', BARE, tokens);
      await assertBroken(sealer.openAnswer(pair.sealedRefresh ?? '', place));
    });

    it('has nothing to seal again while the keys are the same', async () => {
      const sealer = await open();
      assert.equal(await sealer.reseal('acme', await sealer.sealPair('acme', BARE, tokens)), undefined);
    });

    it('seals one thing twice into two different texts, neither of which holds it', async () => {
      const sealer = await open();
      const place = { credential: 'acme', chain: 'chain-1', generation: 1 };
      const answers = [
        await sealer.sealAnswer(tokens.accessToken, place),
        await sealer.sealAnswer(tokens.accessToken, place),
      ];
      assert.notEqual(answers[0], answers[1]);
      const pair = await sealer.sealPair('acme', BARE, tokens);
      assert.doesNotMatch(JSON.stringify([answers, pair]), /sentinel/);
    });
  });
}

async function assertBroken(opening: Promise<unknown>): Promise<void> {
  await assert.rejects(opening, (error: unknown) => {
    assert.ok(error instanceof SealError);
    assert.equal(error.code, 'broken-seal');
    assert.doesNotMatch(inspect(error, { depth: null, showHidden: true }), /sentinel/);
    return true;
  });
}
