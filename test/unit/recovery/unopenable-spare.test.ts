import assert from 'node:assert/strict';
import { it } from 'node:test';
import { applyTransition } from '../../../shared/credential/apply-transition.ts';
import { SealError } from '../../../shared/sealing/seal.ts';
import { overriding } from '../../support/overriding.ts';
import { World } from '../../support/world.ts';

it('a spare whose seal key is gone blocks no lapse: it is declared, told, and nothing is posted again', async () => {
  const world = new World();
  await world.seed('acme');
  await world.refresh('acme');
  await applyTransition(world.container, 'acme', (record) =>
    record.pair
      ? {
          ...record,
          aside: { ...record.aside, spares: [{ ...record.pair, attempt: 'late', sealedAccess: 'lost' }] },
        }
      : undefined,
  );
  const { sealer } = world;
  const container = {
    ...world.container,
    sealer: overriding(sealer, {
      accessToken: async (credential, pair) => {
        if (pair.sealedAccess === 'lost') throw new SealError('unknown-seal-key', 'its key is gone');
        return sealer.accessToken(credential, pair);
      },
    }),
  };
  world.endpoint.playAlways({ kind: 'refused-grant', reason: 'invalid_grant' });
  assert.equal((await world.refresh('acme', { force: true }, container)).reason, 'refused-token');
  await world.clock.advance(150_000);
  assert.equal((await world.refresh('acme', {}, container)).result, 'lapsed');
  await world.tick(container);
  assert.equal(world.endpoint.received.length, 3);
  assert.ok(world.events.accepted.some(({ type }) => type === 'Credential Lapsed'));
});
