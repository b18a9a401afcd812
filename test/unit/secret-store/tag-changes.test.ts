import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tagChanges, withTagsOfEnvironment } from '../../../shared/secret-store/tag-changes.ts';

describe('the tags of a secret that change', () => {
  it('are all of the new ones, and those that it has no more are taken away', () => {
    assert.deepEqual(tagChanges({ owner: 'collections', cost: '1' }, { owner: 'finance', area: 'north' }), {
      set: { owner: 'finance', area: 'north' },
      drop: ['cost'],
    });
  });

  it('take away none that has the name of a member of every object', () => {
    assert.deepEqual(tagChanges({ constructor: 'fake' }, {}).drop, ['constructor']);
  });

  it('leave those of the environment, whose values win', () => {
    const changes = { set: { app: 'fake', owner: 'finance' }, drop: ['env', 'cost'] };
    assert.deepEqual(withTagsOfEnvironment(changes, { app: 'renova', env: 'prd' }), {
      set: { app: 'renova', owner: 'finance', env: 'prd' },
      drop: ['cost'],
    });
  });
});
