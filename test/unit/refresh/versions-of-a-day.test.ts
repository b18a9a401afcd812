import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyTransition } from '../../../shared/credential/apply-transition.ts';
import type { CredentialSettings } from '../../../shared/credential/settings.ts';
import { lanesOf } from '../../../shared/vault/lanes.ts';
import { World } from '../../support/world.ts';

const SECOND_MS = 1000;
const HOUR_MS = 3600 * SECOND_MS;

/** Tokens of an hour that are renewed long before half of it. */
const often: readonly [why: string, settings: Partial<CredentialSettings>, lanes: number][] = [
  ['each minute, as the credential says', { refreshBeforeMs: HOUR_MS - 60 * SECOND_MS }, 20],
  ['each ten minutes, as the credential says', { refreshBeforeMs: HOUR_MS - 600 * SECOND_MS }, 3],
  ['each two minutes, for the sake of its refresh token', { refreshTokenMs: 240 * SECOND_MS }, 15],
];

describe('a token that is renewed long before half of its life', () => {
  for (const [why, settings, lanes] of often) {
    it(`${why}, is published all day`, async () => {
      const known = { defaultAccessTokenMs: HOUR_MS, refreshTokenMs: undefined, ...settings };
      assert.equal(lanesOf(known, 24 * HOUR_MS), lanes);
      const world = new World({ lifeSeconds: HOUR_MS / SECOND_MS });
      await world.seed('acme', { ...known, quota: undefined, publish: 'access' });
      await applyTransition(world.container, 'acme', (record) => ({
        ...record,
        publication: { ...record.publication, lanes: 1 },
      }));
      for (let hour = 0; hour < 20; hour += 1) {
        await world.ticks(60);
        const { generation, publication } = await world.record('acme');
        assert.equal(publication.generation, generation, `${hour + 1} h`);
        assert.ok(publication.lanes >= lanes, `${publication.lanes} lanes`);
      }
    });
  }
});
