import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AdminWorld } from './admin-world.ts';

describe('a test alert', () => {
  it('goes to the event bus with a code of six digits, and says that nothing is wrong', async () => {
    const admin = new AdminWorld();
    const { accepted, code } = await admin.do({ action: 'test-alert' });
    assert.equal(accepted, true);
    assert.match(code, /^\d{6}$/);
    const { type, detail } = admin.world.events.accepted.at(-1) ?? {};
    assert.equal(type, 'Test Alert');
    assert.equal(detail?.reason, code);
    assert.equal(detail?.environment, 'prd');
    assert.match(detail?.explanation ?? '', new RegExp(`Nothing is wrong. The code is ${code}\\.$`));
  });

  it('keeps the zeros at the beginning of its code', async () => {
    const admin = new AdminWorld();
    admin.world.random.fraction = () => 0.000042;
    assert.equal((await admin.do({ action: 'test-alert' })).code, '000042');
  });

  it('says so when the bus does not take it', async () => {
    const admin = new AdminWorld();
    admin.world.events.refusing = true;
    assert.equal((await admin.do({ action: 'test-alert' })).accepted, false);
  });
});
