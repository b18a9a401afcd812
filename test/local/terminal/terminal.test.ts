import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { reportLine, rowsOf } from '../../../local/terminal/terminal.ts';

const event = (type: string, detail: Record<string, unknown>) =>
  reportLine({
    type: 'event',
    event: {
      version: '0',
      id: 'fake-id',
      'detail-type': type,
      source: 'renova',
      account: '000000000000',
      time: '2026-01-01T00:00:00Z',
      region: 'us-east-1',
      resources: [],
      detail,
    },
  });

describe('what the terminal says of an event', () => {
  const remedy = 'Log in at the provider, then: renova reseed acme --local';

  test('of a lapse, which the view shows anyway, what to do about it', () => {
    assert.equal(event('Credential Lapsed', { credential: 'acme', remedy }), remedy);
  });

  test('of others that need somebody, what it is and what to do', () => {
    const line = event('Credential Misconfigured', { credential: 'acme', remedy });
    assert.equal(line, `Credential Misconfigured: acme. ${remedy}`);
  });

  test('nothing of what the view shows and time fixes', () => {
    assert.equal(event('Token Refreshed', { credential: 'acme' }), undefined);
    assert.equal(event('Refresh Failing', { credential: 'acme', remedy }), undefined);
  });
});

test('half of the state that is gone is said in words', () => {
  const line = reportLine({ type: 'data-lost', part: 'tables' }) ?? '';
  assert.match(stripVTControlCharacters(line), /no dynamodb\/: every credential is gone/);
});

test('the height of a block follows the width of the terminal, whatever its colours', () => {
  const block = `${'x'.repeat(80)}\n\n\u001b[31m${'y'.repeat(41)}\u001b[0m`;
  assert.deepEqual(
    [80, 79, 40].map((columns) => rowsOf(block, columns)),
    [3, 4, 5],
  );
});
