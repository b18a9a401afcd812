import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cpuSeconds, secondsOfChildrenIn } from '../../runner/cpu-seconds.ts';

describe('the CPU seconds of a process of tests', () => {
  it('are those of the process itself at least', () => {
    const before = process.cpuUsage();
    const seconds = cpuSeconds();
    assert.ok(seconds * 1e6 >= before.user + before.system);
  });

  it('count what children took, whatever the program is called', () => {
    const stat =
      '4242 (node (a) b) S 1 4242 4242 0 -1 4194560 100 0 0 0 11 22 150 50 20 0 11 0 1000 10000 100';
    assert.equal(secondsOfChildrenIn(stat), 2);
  });
});
