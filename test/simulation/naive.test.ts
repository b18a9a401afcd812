import assert from 'node:assert/strict';
import { it } from 'node:test';
import { simulate } from './simulate.ts';

const options = { env: 'prd', credentials: 3, days: 0.6, faults: 'none', seed: 1 } as const;

it('the naive strategy works for five hours, then the version quota ends every chain', async () => {
  const early = await simulate({ ...options, strategy: 'naive', days: 0.1 });
  assert.deepEqual([early.figures.chains_lost, early.figures.expired_seconds], [0, 0]);

  const later = await simulate({ ...options, strategy: 'naive' });
  assert.equal(later.figures.peak_versions_per_secret, 100);
  assert.ok(later.figures.version_quota_refusals > 0);
  assert.equal(later.figures.chains_lost - later.figures.chains_lost_unavoidably, options.credentials);

  const renova = await simulate({ ...options, strategy: 'renova' });
  assert.deepEqual([renova.figures.chains_lost, renova.figures.version_quota_refusals], [0, 0]);
});
