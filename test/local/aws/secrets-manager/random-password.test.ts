import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createSecretsManager } from '../../../../local/aws/secrets-manager/secrets-manager.ts';
import { ManualClock } from '../../../support/fakes/manual-clock.ts';
import { DAY_MS, type Json } from './emulator.ts';

const SAMPLES = 40;

describe('GetRandomPassword', () => {
  // More samples than a second admits would be throttled; these stay below.
  const passwords = (input: Json): string[] => {
    const service = createSecretsManager({ clock: new ManualClock(), dayMs: DAY_MS });
    return Array.from({ length: SAMPLES }, () => {
      const { status, body } = service.handle('GetRandomPassword', input, 'us-east-1');
      assert.equal(status, 200);
      return String((body as Json).RandomPassword);
    });
  };

  it('has 32 characters, and one of each type at least', () => {
    for (const password of passwords({})) {
      assert.match(password, /^[\x21-\x7e]{32}$/);
      for (const type of [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/]) assert.match(password, type);
    }
  });

  it('holds every required type in as many characters', () => {
    for (const password of passwords({ PasswordLength: 5, IncludeSpace: true })) {
      assert.equal(password.length, 5);
      for (const type of [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9 ]/, / /]) assert.match(password, type);
    }
  });

  it('leaves out what is excluded', () => {
    const digits = { ExcludeLowercase: true, ExcludeUppercase: true, ExcludePunctuation: true };
    for (const password of passwords({ ...digits, ExcludeCharacters: '01234' }))
      assert.match(password, /^[5-9]{32}$/);
    for (const password of passwords({ ...digits, ExcludeNumbers: true, ExcludeLowercase: false })) {
      assert.match(password, /^[a-z]{32}$/);
    }
  });

  it('puts the required characters anywhere', () => {
    const first = passwords({ PasswordLength: 4 }).map((password) => /[a-z]/.test(password.charAt(0)));
    assert.ok(first.includes(true) && first.includes(false));
  });

  it('is another one each time', () => {
    assert.equal(new Set(passwords({})).size, SAMPLES);
  });
});
