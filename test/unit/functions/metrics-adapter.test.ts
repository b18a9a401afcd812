import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { powertoolsTelemetry } from '../../../functions/powertools-telemetry.ts';
import type { CountName } from '../../../shared/config/metrics.ts';

/** The lines of metrics that are printed from now on; everything else goes where it should. */
function printedMetrics(t: TestContext): string[] {
  const lines: string[] = [];
  const write = process.stdout.write.bind(process.stdout);
  t.mock.method(process.stdout, 'write', (chunk: string | Uint8Array) => {
    if (!String(chunk).startsWith('{"_aws"')) return write(chunk);
    lines.push(String(chunk));
    return true;
  });
  return lines;
}

describe('the adapter of metrics', () => {
  it('gathers what one invocation reports, and prints it once', (t) => {
    const lines = printedMetrics(t);
    const telemetry = powertoolsTelemetry('hml');
    telemetry.count('Adoptions');
    telemetry.count('Adoptions', 2);
    telemetry.measure('ProviderLatency', 12);
    assert.deepEqual(lines, []);
    telemetry.flush();
    telemetry.flush();
    const [line, ...others] = lines.map((text) => JSON.parse(text));
    assert.deepEqual(others, []);
    assert.deepEqual([line.Adoptions, line.ProviderLatency], [[1, 2], 12]);
  });

  it('keeps the figures of quotas apart', (t) => {
    const lines = printedMetrics(t);
    const telemetry = powertoolsTelemetry('hml');
    telemetry.measureQuota('QuotaUsed', 'bs2', 10);
    telemetry.measureQuota('QuotaUsed', 'other', 20);
    telemetry.flush();
    assert.deepEqual(
      lines.map((text) => JSON.parse(text)).map(({ quota, QuotaUsed }) => [quota, QuotaUsed]),
      [
        ['bs2', 10],
        ['other', 20],
      ],
    );
  });

  it('drops what is no figure, and never throws', (t) => {
    const lines = printedMetrics(t);
    const telemetry = powertoolsTelemetry('hml');
    telemetry.measure('HoursToLapse', Number.NaN);
    telemetry.measureQuota('QuotaDemanded', 'bs2', Number.POSITIVE_INFINITY);
    telemetry.count('NotInTheList' as CountName);
    telemetry.flush();
    assert.deepEqual(lines, []);
  });
});
