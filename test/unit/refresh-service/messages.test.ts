import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as v from 'valibot';
import { ActionMessage } from '../../../shared/refresh-service/messages.ts';
import { someSettings } from '../../support/settings.ts';

const accepted: readonly object[] = [
  { action: 'refresh', credential: 'acme' },
  { action: 'refresh', credential: 'acme', force: true, if_generation: 3, refused: false, wait_ms: 0 },
  { action: 'seed', settings: someSettings(), chain: 'c', lanes: 1 },
  { action: 'seed', settings: someSettings(), chain: 'c', lanes: 20, refresh_token: 'fake-refresh-token-1' },
  { action: 'reseed', credential: 'acme', chain: 'c', refresh_token: 'fake-refresh-token-1' },
  { action: 'reseed', credential: 'acme', chain: 'c' },
  { action: 'update-client', credential: 'acme', changes: { client_secret: 'fake-client-secret-1' } },
  { action: 'recover', credential: 'acme' },
  { action: 'unreadable-answers', credential: 'acme' },
  { action: 'rotate-seal' },
];

const refused: readonly unknown[] = [
  null,
  'refresh',
  [],
  {},
  { action: 'tick' },
  { action: 'refresh' },
  { action: 'refresh', credential: 'Not An Id' },
  { action: 'refresh', credential: '../seal/access' },
  { action: 'refresh', credential: 'acme', force: 'yes' },
  { action: 'refresh', credential: 'acme', if_generation: 1.5 },
  { action: 'refresh', credential: 'acme', wait_ms: -1 },
  { action: 'refresh', credential: 'acme', wait_ms: '20' },
  { action: 'seed', chain: 'c', lanes: 1 },
  { action: 'seed', settings: null, chain: 'c', lanes: 1 },
  { action: 'seed', settings: someSettings(), chain: 'c', lanes: 0 },
  { action: 'seed', settings: someSettings(), lanes: 1 },
  { action: 'reseed', credential: 'acme' },
  { action: 'reseed', credential: 'acme', chain: 'c', refresh_token: 5 },
  { action: 'update-client', credential: 'acme' },
  { action: 'update-client', credential: 'acme', changes: { client_secret: ['fake'] } },
  { action: 'recover' },
  { action: 'unreadable-answers', credential: '' },
];

describe('a message to the refresh function', () => {
  for (const message of accepted) {
    it(`is taken as it is: ${JSON.stringify(message).slice(0, 70)}`, () => {
      const parsed = v.parse(ActionMessage, message);
      assert.deepEqual({ ...message, ...parsed }, parsed, 'nothing of it is lost');
    });
  }
  for (const message of refused) {
    it(`is refused: ${JSON.stringify(message).slice(0, 70)}`, () => {
      assert.equal(v.is(ActionMessage, message), false);
    });
  }

  it('waits for nothing unless it says so', () => {
    const parsed = v.parse(ActionMessage, { action: 'refresh', credential: 'acme' });
    assert.equal(parsed.action === 'refresh' && parsed.wait_ms, 0);
  });
});
