import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { targetOf } from '../../cli/target.ts';

describe('RENOVA_LOCAL_PORT', () => {
  test('stands for --local --local-port', () => {
    const { localEndpoint, env, options } = targetOf({}, { RENOVA_LOCAL_PORT: '6700' });
    assert.deepEqual(
      [localEndpoint, env, options],
      ['http://127.0.0.1:6700', 'prd', '--local --local-port 6700'],
    );
    assert.equal(
      targetOf({ local: true }, { RENOVA_LOCAL_PORT: '6700' }).localEndpoint,
      'http://127.0.0.1:6700',
    );
  });

  test('gives way to an option, and beside RENOVA_ENV says only where', () => {
    const given = { RENOVA_LOCAL_PORT: '6700', RENOVA_ENV: 'hml' };
    assert.equal(targetOf({ local: true, localPort: 7000 }, given).localEndpoint, 'http://127.0.0.1:7000');
    assert.equal(targetOf({}, given).env, 'hml');
  });

  test('empty is as not set, and what is no port is refused', () => {
    assert.equal(targetOf({ env: 'prd' }, { RENOVA_LOCAL_PORT: '' }).localEndpoint, undefined);
    for (const wrong of ['0', '65536', 'x', '4700 ', '-1']) {
      assert.throws(() => targetOf({}, { RENOVA_LOCAL_PORT: wrong }), /RENOVA_LOCAL_PORT: expected a port/);
    }
  });
});
