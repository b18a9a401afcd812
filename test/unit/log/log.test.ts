import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { errorFields } from '../../../shared/log/log.ts';
import { StoreUnavailableError } from '../../../shared/table/table.ts';

describe('what a log line says of an error', () => {
  it('is its name and its stable code', () => {
    assert.deepEqual(errorFields(new StoreUnavailableError('away')), {
      error: 'StoreUnavailableError',
      code: 'store-unavailable',
    });
  });

  it('is also the code of what AWS said', () => {
    const denied = new StoreUnavailableError('away', { reason: 'AccessDeniedException' });
    assert.equal(errorFields(denied).reason, 'AccessDeniedException');
    for (const reason of ['sentinel with blanks', '{"body":"sentinel"}', 42]) {
      assert.equal(errorFields(Object.assign(new Error('away'), { reason })).reason, undefined);
    }
  });

  it('is never its message, its cause, its stack or what else it carries (I7)', () => {
    const cause = new Error('sentinel', { cause: { body: 'sentinel' } });
    const error = Object.assign(new Error('sentinel', { cause }), { response: 'sentinel', code: 42 });
    assert.deepEqual(errorFields(error), { error: 'Error', code: undefined });
  });

  it('is only the type of what is no error', () => {
    for (const thrown of ['sentinel', { code: 'sentinel', message: 'sentinel' }, null, undefined, 5]) {
      assert.deepEqual(errorFields(thrown), { error: typeof thrown });
    }
  });
});
