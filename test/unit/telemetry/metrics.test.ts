import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { METRICS, METRICS_NAMESPACE, METRICS_SERVICE } from '../../../shared/config/metrics.ts';

const DOCUMENT = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');

describe('the list of metrics', () => {
  it('is the one in docs/metrics.md, word for word', () => {
    const expected = Object.entries(METRICS).map(
      ([name, { unit, statistic, meaning }]) => `| \`${name}\` | ${unit} | ${statistic} | ${meaning} |`,
    );
    const documented = DOCUMENT.split('\n').filter((line) => line.startsWith('| `'));
    assert.deepEqual(documented.toSorted(), expected.toSorted());
  });

  it('has names as AWS writes them, and a sentence for each', () => {
    for (const [name, { meaning }] of Object.entries(METRICS)) {
      assert.match(name, /^([A-Z][a-z]+)+$/);
      assert.match(meaning, /^[A-Z].*\.$/, name);
    }
  });

  it('goes by the namespace and the service that the document names', () => {
    assert.ok(DOCUMENT.includes(`\`${METRICS_NAMESPACE}\``));
    assert.ok(DOCUMENT.includes(`\`${METRICS_SERVICE}\``));
  });
});
