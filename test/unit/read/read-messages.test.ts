import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CREDENTIAL_ID } from '../../../shared/config/names.ts';
import { ReadError } from '../../../shared/read/read-error.ts';
import { parseDirect, renderToken } from '../../../shared/read/read-messages.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { AT_MS, aPair } from '../../support/records.ts';

describe('the request of a direct invoke', () => {
  it('names a credential, and what is wanted of its token', () => {
    const nothing = { minTtlMs: undefined, refusedGeneration: undefined };
    assert.deepEqual(parseDirect({ credential: 'acme' }), { credential: 'acme', ...nothing });
    assert.deepEqual(parseDirect({ credential: 'acme', min_ttl: 60 }), {
      credential: 'acme',
      ...nothing,
      minTtlMs: 60_000,
    });
    assert.equal(parseDirect({ credential: 'acme', refused_generation: 12 }).refusedGeneration, 12);
    assert.equal(parseDirect({ credential: 'acme', min_ttl: 0 }).minTtlMs, 0);
  });

  it('is refused with the member that is wrong, what was expected, and never the value', () => {
    const wrong: readonly [unknown, RegExp][] = [
      [null, /^event: expected a JSON object/],
      [undefined, /^event: /],
      ['sentinel', /^event: expected a JSON object/],
      [{}, /^credential: expected an id/],
      [{ credential: 'Sentinel' }, /^credential: expected an id/],
      [{ credential: ['sentinel'] }, /^credential: expected an id/],
      [{ credential: 'acme', min_ttl: 'sentinel' }, /^min_ttl: expected a number of seconds/],
      [{ credential: 'acme', min_ttl: -1 }, /^min_ttl: expected a number of seconds, 0 or more/],
      [{ credential: 'acme', min_ttl: Number.POSITIVE_INFINITY }, /^min_ttl: expected a number of seconds/],
      [{ credential: 'acme', min_ttl: null }, /^min_ttl: /],
      [{ credential: 'acme', refused_generation: 1.5 }, /^refused_generation: expected a whole number/],
      [
        { credential: 'acme', refused_generation: 'sentinel' },
        /^refused_generation: expected a whole number, 0 or more/,
      ],
    ];
    for (const [input, expected] of wrong) {
      assert.throws(
        () => parseDirect(input),
        (error: unknown) => {
          assert.ok(error instanceof ReadError);
          assert.equal(error.code, 'invalid-request');
          assert.match(error.message, expected);
          assert.doesNotMatch(error.message, /sentinel|Infinity/i);
          return true;
        },
      );
    }
  });

  it('is understood or refused, whatever it is', () => {
    const member = fc.oneof(fc.anything(), fc.constantFrom('acme', 'a'), fc.integer());
    const event = fc.oneof(
      fc.anything(),
      fc.record({ credential: member, min_ttl: member, refused_generation: member }, { requiredKeys: [] }),
    );
    fc.assert(
      fc.property(event, (input) => {
        try {
          const { credential, minTtlMs = 0 } = parseDirect(input);
          assert.match(credential, CREDENTIAL_ID);
          assert.ok(minTtlMs >= 0);
        } catch (error) {
          assert.ok(error instanceof ReadError);
        }
      }),
    );
  });
});

describe('the token as it is answered', () => {
  const token = { accessToken: new Secret('fake-access-1'), pair: aPair() };

  it('has the members of the contract, and no other', () => {
    assert.deepEqual(renderToken(token, AT_MS + 500), {
      access_token: 'fake-access-1',
      token_type: 'Bearer',
      scope: 'fake-scope',
      issued_at: '2026-01-01T00:00:00.000Z',
      expires_at: '2026-01-01T00:05:00.000Z',
      expires_in: 299,
      refresh_after: '2026-01-01T00:02:30.000Z',
      generation: 1,
    });
  });

  it('has what API calls need beside it, where that was registered', () => {
    const fields = { instance_url: 'https://fake.example' };
    const { accessToken, pair } = token;
    const answer = renderToken({ accessToken, pair: { ...pair, fields }, userAgent: 'fake-code' }, AT_MS);
    assert.deepEqual([answer.fields, answer.user_agent], [fields, 'fake-code']);
  });

  it('never says that it lives longer than it does', () => {
    assert.equal(renderToken(token, AT_MS).expires_in, 300);
    assert.equal(renderToken(token, AT_MS + 1).expires_in, 299);
    assert.equal(renderToken(token, AT_MS + 300_001).expires_in, 0);
  });
});
