import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Secret } from '../../../shared/secret/secret.ts';
import { publishToken, renderPlaceholder, renderPublished } from '../../../shared/vault/published-value.ts';
import { aPair, aRecord, published } from '../../support/records.ts';

const tokens = {
  accessToken: new Secret('fake-access-token-1'),
  refreshToken: new Secret('fake-refresh-token-1'),
};

const render = (overrides: Parameters<typeof aRecord>[0] = {}, pair = aPair()) =>
  renderPublished(aRecord(overrides), pair, tokens).reveal();

describe('a published value', () => {
  it('has the members of the contract, and no other', () => {
    assert.deepEqual(JSON.parse(render()), {
      access_token: 'fake-access-token-1',
      token_type: 'Bearer',
      scope: 'fake-scope',
      issued_at: '2026-01-01T00:00:00.000Z',
      expires_at: '2026-01-01T00:05:00.000Z',
      refresh_after: '2026-01-01T00:02:30.000Z',
      generation: 1,
      chain: 'chain-1',
      lanes: 12,
      credential: 'acme',
      provider: 'bs2',
      sealed: { access: 'fake-sealed-access-1', refresh: 'fake-sealed-refresh-1' },
    });
  });

  it('has the refresh token in clear only where the pair is published', () => {
    assert.equal(JSON.parse(render({ publish: 'pair' })).refresh_token, 'fake-refresh-token-1');
    assert.doesNotMatch(render({ publish: 'access' }), /fake-refresh-token/);
  });

  it('has a scope, if only an empty one', () => {
    assert.equal(JSON.parse(render({}, aPair({ scope: undefined }))).scope, '');
  });

  it('is the same, byte for byte, however the record came about', () => {
    const fromLedger = JSON.parse(JSON.stringify(aRecord({ publish: 'pair' })));
    const reordered = Object.fromEntries(Object.entries(aRecord({ publish: 'pair' })).reverse());
    const [first, ...others] = [aRecord({ publish: 'pair' }), fromLedger, reordered].map((record) =>
      renderPublished(record, record.pair, tokens).reveal(),
    );
    assert.deepEqual(others, [first, first]);
  });

  it('is, before the first token, generation 0 and no token', () => {
    const placeholder = { credential: 'acme', provider: 'bs2', chain: 'chain-1', lanes: 12 };
    const value = JSON.parse(renderPlaceholder(placeholder).reveal());
    assert.deepEqual(Object.keys(value), Object.keys(JSON.parse(render())));
    assert.equal(value.generation, 0);
    assert.equal(value.access_token, '');
    assert.deepEqual(value.sealed, {});
    assert.ok(Date.parse(value.expires_at) < Date.UTC(2000, 0, 1));
  });
});

describe('the idempotency token of a publish', () => {
  it('has 64 characters, and is the same for the same value', () => {
    const token = publishToken(aRecord(), aPair());
    assert.match(token, /^[0-9a-f]{64}$/);
    const later = aRecord({ revision: 9, failure: undefined, refreshAtMs: 5 });
    assert.equal(publishToken(later, aPair()), token);
  });

  it('differs by everything that the value is made of, even where texts run together', () => {
    const distinct = [
      publishToken(aRecord(), aPair()),
      publishToken(aRecord({ credential: 'acme2' }), aPair()),
      publishToken(aRecord({ publish: 'pair' }), aPair()),
      publishToken(aRecord({ publication: published(1, { lanes: 20 }) }), aPair()),
      publishToken(aRecord(), aPair({ chain: 'chain-2' })),
      publishToken(aRecord(), aPair({ generation: 2 })),
      publishToken(aRecord(), aPair({ chain: 'chain-1', generation: 11 })),
      publishToken(aRecord(), aPair({ chain: 'chain-11', generation: 1 })),
      publishToken(aRecord(), aPair({ sealedAccess: 'fake-resealed' })),
      publishToken(aRecord(), aPair({ sealedRefresh: 'fake-resealed' })),
    ];
    assert.equal(new Set(distinct).size, distinct.length);
  });
});
