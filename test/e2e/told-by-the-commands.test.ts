import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { outliveFaults } from './faults.ts';
import { correctSettings } from './settings.ts';

// Each with a stack of its own, and mostly waiting for what a stack does by itself.
describe('a person, told by the commands alone', { concurrency: true, timeout: 900_000 }, () => {
  const data = mkdtempSync(join(tmpdir(), 'renova-e2e-'));
  after(() => rmSync(data, { recursive: true, force: true }));

  test('outlives every fault of the provider, and no secret is left anywhere', (t) => outliveFaults(t, data));
  test('corrects every wrong setting', correctSettings);
});
