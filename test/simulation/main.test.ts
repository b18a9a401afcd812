import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const short = ['--days', '0.02', '--credentials', '2'];

function simulateWith(...args: readonly string[]) {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
}

describe('npm run simulate', () => {
  it('prints one JSON object a seed, one a line, with the documented members', () => {
    const { status, stdout } = simulateWith(...short, '--seeds', '3-4', '--faults', 'storm', '--json');
    assert.equal(status, 0);
    const objects = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      objects.map(({ seed }) => seed),
      [3, 4],
    );
    for (const object of objects) {
      assert.deepEqual(Object.keys(object), [
        'strategy',
        'days',
        'credentials',
        'seed',
        'refreshes',
        'provider_requests',
        'throttled',
        'busiest_window',
        'expired_seconds',
        'expired_seconds_secrets',
        'expired_seconds_read',
        'refused_reads',
        'dead_tokens_served',
        'chains_lost',
        'chains_lost_unavoidably',
        'version_quota_refusals',
        'peak_versions_per_secret',
        'max_lapse_warning_delay_seconds',
      ]);
    }
  });

  it('prints a table with the rates of the faults and the command that gives it again', () => {
    const { status, stdout } = simulateWith(...short, '--faults', 'storm', '--seed', '7');
    assert.equal(status, 0);
    assert.match(stdout, /chains lost/);
    assert.match(stdout, /crash 0\.04 %/);
    assert.match(stdout, /--faults storm --seed 7/);
  });

  it('says in one sentence what is wrong, and exits with 2', () => {
    for (const [args, expected] of [
      [['--seeds', '5-2'], /--seeds/],
      [['--seed', '1', '--seeds', '1-2'], /--seed/],
      [['--days', '0'], /--days/],
      [['--faults', 'rain'], /--faults/],
      [['--faults', 'storm,no-token'], /--faults/],
      [['--mix', 'no-such-file.json'], /--mix/],
      [['now'], /argument/],
    ] as const) {
      const { status, stdout, stderr } = simulateWith(...args);
      assert.deepEqual([status, stdout], [2, '']);
      assert.match(stderr, expected);
      assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
    }
  });
});
