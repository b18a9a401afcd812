import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { amount } from '../../runner/amount.ts';
import { classify, tokenBody } from './fixtures.ts';

const token = fc
  .oneof(fc.uuid(), fc.base64String({ minLength: 1 }), fc.string({ unit: 'binary', minLength: 1 }))
  .filter((value) => value.trim() !== '');

const otherName = fc
  .string({ unit: 'grapheme' })
  .filter((name) => !['access_token', 'refresh_token', 'expires_in', 'error'].includes(name));

/** A valid answer as members in any order, each spelt with or without escapes for what is not ASCII. */
const answer = fc
  .record({ access: token, refresh: token, expiresIn: fc.integer({ min: 1, max: 100_000 }) })
  .chain(({ access, refresh, expiresIn }) =>
    fc.record({
      access: fc.constant(access),
      refresh: fc.constant(refresh),
      expiresIn: fc.constant(expiresIn),
      ascii: fc.boolean(),
      members: fc
        .dictionary(otherName, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
        .map((others) => Object.entries(others))
        .chain((others) => {
          const all: [string, unknown][] = [
            ['access_token', access],
            ['refresh_token', refresh],
            ['expires_in', expiresIn],
            ...others,
          ];
          return fc.shuffledSubarray(all, { minLength: all.length });
        }),
    }),
  );

/** Bytes of the answer, and the length from which on both tokens are whole. */
function written(members: readonly (readonly [string, unknown])[], ascii: boolean) {
  let text = '{';
  let bothWholeAt = 0;
  for (const [name, value] of members) {
    if (text !== '{') text += ',';
    text += `${spelt(name, ascii)}:${spelt(value, ascii)}`;
    if (name === 'access_token' || name === 'refresh_token') bothWholeAt = Buffer.byteLength(text);
  }
  return { bytes: Buffer.from(`${text}}`), bothWholeAt };
}

function spelt(value: unknown, ascii: boolean): string {
  const text = JSON.stringify(value);
  if (!ascii) return text;
  return text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

test('wherever a valid answer is cut off, no token is taken that differs from the original, and a whole pair always is', () => {
  fc.assert(
    fc.property(answer, ({ access, refresh, expiresIn, members, ascii }) => {
      const { bytes, bothWholeAt } = written(members, ascii);
      for (let length = 0; length <= bytes.length; length++) {
        const outcome = classify(200, bytes.subarray(0, length));
        assert.equal(outcome.kind, length === 0 ? 'unknown' : length < bothWholeAt ? 'garbled' : 'success');
        if (outcome.kind !== 'success') continue;
        assert.equal(outcome.response.accessToken.reveal(), access);
        assert.equal(outcome.response.refreshToken?.reveal(), refresh);
        assert.ok([undefined, expiresIn].includes(outcome.response.expiresInSeconds));
        if (length === bytes.length) assert.equal(outcome.response.expiresInSeconds, expiresIn);
      }
    }),
    { numRuns: amount({ test: 60, prove: 200 }) },
  );
});

/** A form as `URLSearchParams` writes it: the members in any order, and others among them. */
const form = fc
  .record({
    access: fc.oneof(fc.uuid(), fc.base64String({ minLength: 1 })),
    refresh: fc.oneof(fc.uuid(), fc.base64String({ minLength: 1 })),
    others: fc.dictionary(fc.stringMatching(/^x_[a-z]{1,8}$/), fc.string({ unit: 'grapheme' }), {
      maxKeys: 3,
    }),
  })
  .chain(({ access, refresh, others }) => {
    const all: [string, string][] = [
      ['access_token', access],
      ['refresh_token', refresh],
      ...Object.entries(others),
    ];
    const shuffled = fc.shuffledSubarray(all, { minLength: all.length });
    return shuffled.map((members) => ({ access, refresh, body: String(new URLSearchParams(members)) }));
  });

test('a form is a success when it came whole, and wherever it is cut off no token is taken that differs', () => {
  fc.assert(
    fc.property(form, ({ access, refresh, body }) => {
      for (let length = 1; length <= body.length; length++) {
        const cutOffBy = length === body.length ? undefined : 'connection-closed';
        const outcome = classify(200, body.slice(0, length), { cutOffBy });
        if (length === body.length) assert.equal(outcome.kind, 'success');
        if (outcome.kind === 'success') {
          assert.equal(outcome.response.accessToken.reveal(), access);
          assert.equal(outcome.response.refreshToken?.reveal(), refresh);
        } else if (outcome.kind === 'garbled') {
          assert.ok([undefined, refresh].includes(outcome.refreshToken?.reveal()));
        } else {
          assert.ok(!body.slice(0, length).includes('access_token'), 'what names a token is kept');
        }
      }
    }),
    { numRuns: amount({ test: 60, prove: 200 }) },
  );
});

const json = (value: unknown) => JSON.stringify(value);
const read = (text: string) => JSON.parse(text) as unknown;

/** What a body can be put into without ceasing to be the answer: text in, text out. */
const WRAPPINGS: Record<string, (text: string) => string> = {
  data: (text) => json({ data: read(text) }),
  status: (text) => json({ status: 0, error: null, result: read(text) }),
  gateway: (text) => json({ statusCode: 200, body: text }),
  echo: (text) => json({ request: { refresh_token: 'old', access_token: 'old' }, response: read(text) }),
  array: (text) => json([read(text)]),
  indented: (text) => JSON.stringify(read(text), null, 2),
};
const SURROUNDINGS: Record<string, (text: string) => string> = {
  none: (text) => text,
  guard: (text) => `)]}',\n${text}`,
  warning: (text) => `<br />\n<b>Notice</b>:  {x} in <b>a.php</b> on line <b>3</b><br />\n${text}`,
  line: (text) => `{"ok":true}\n${text}\n`,
  braces: (text) => `{a} {b: 1} - \n${text}`,
  comment: (text) => `${text}\n<!-- x -->`,
  mark: (text) => `\ufeff${text}`,
};
const PACKINGS: Record<string, (text: string | Uint8Array) => Uint8Array> = {
  none: (text) => Buffer.from(text),
  gzip: (text) => gzipSync(text),
  deflate: (text) => deflateSync(text),
  twice: (text) => gzipSync(gzipSync(text)),
  utf16: (text) => Buffer.from(String(text), 'utf16le'),
};
const nameIn = (of: object) => fc.constantFrom(...Object.keys(of));

test('a pair is found in whatever it is put into, and no other token is', () => {
  fc.assert(
    fc.property(
      fc.uuid(),
      fc.oneof(fc.uuid(), fc.bigInt({ min: 1n, max: 2n ** 80n })),
      fc.array(nameIn(WRAPPINGS), { maxLength: 3 }),
      nameIn(SURROUNDINGS),
      nameIn(PACKINGS),
      (access, refresh, wrappings, surrounding, packing) => {
        const written = typeof refresh === 'bigint' ? String(refresh) : json(refresh);
        const bare = `{"access_token":${json(access)},"refresh_token":${written},"x":"é"}`;
        // Digits that are too many for JavaScript survive only where nothing reads them on the way.
        const wraps = typeof refresh === 'bigint' ? [] : wrappings;
        const text = wraps.reduce((inner, name) => WRAPPINGS[name]?.(inner) ?? inner, bare);
        const body = PACKINGS[packing]?.(SURROUNDINGS[surrounding]?.(text) ?? text) ?? '';
        const outcome = classify(200, body);
        assert.ok(outcome.kind === 'success', outcome.kind);
        assert.equal(outcome.response.accessToken.reveal(), access);
        assert.equal(outcome.response.refreshToken?.reveal(), String(refresh));
      },
    ),
    { numRuns: amount({ test: 150, prove: 500 }) },
  );
});

test('no token is taken from an error, a page, an example or the request sent back, however deep', () => {
  const places = fc.constantFrom(
    'error',
    'errors',
    'error_details',
    'request',
    'example',
    'previous',
    'debug',
  );
  fc.assert(
    fc.property(places, fc.array(nameIn(WRAPPINGS), { maxLength: 2 }), (place, wrappings) => {
      const quoted = { message: 'busy', [place]: { access_token: 'quoted', refresh_token: 'quoted' } };
      const text = wrappings.reduce((inner, name) => WRAPPINGS[name]?.(inner) ?? inner, json(quoted));
      assert.equal(classify(200, text).kind, 'unknown');
      assert.equal(classify(200, `<p>${text}</p>`).kind, 'unknown');
    }),
  );
});

/** Every reason there is; nothing of the provider's can be one (I7). */
const REASON = /^(?:http-\d+|empty-body|not-json|no-token|unrecognised-error|[a-z]+(?:_[a-z]+)+)$/;

const anyBody = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.json().map((text) => Buffer.from(text)),
  fc.string({ unit: 'binary' }).map((text) => Buffer.from(JSON.stringify({ error: text }))),
  fc.constantFrom('[', '{"a":', '"', '{"error":').map((part) => Buffer.from(part.repeat(5000))),
  fc.webQueryParameters().map((text) => Buffer.from(`access_token=a&${text}`)),
  fc.mixedCase(fc.constant('{"access_token":"a","refresh_token":"b"}')).map((text) => Buffer.from(text)),
  fc
    .nat(tokenBody().length)
    .map((at) => Buffer.from(`${tokenBody().slice(0, at)}\u0000${tokenBody().slice(at)}`)),
);

test('no answer makes it throw, take a token outside 2xx, or give a reason of the provider’s making', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.constantFrom(200, 201, 302, 400, 401, 403, 429, 500), fc.integer({ min: 0, max: 999 })),
      anyBody,
      fc.record(
        {
          'retry-after': fc.string(),
          'www-authenticate': fc.string(),
          'content-encoding': fc.constantFrom('gzip', 'br', 'deflate', 'identity', 'x'),
        },
        { requiredKeys: [] },
      ),
      (status, body, headers) => {
        const outcome = classify(status, body, { headers });
        if (status < 200 || status > 299) assert.ok(!['success', 'garbled'].includes(outcome.kind));
        if ('reason' in outcome) assert.match(outcome.reason, REASON);
        assert.ok(outcome.kind !== 'not-sent');
      },
    ),
    { numRuns: amount({ test: 700, prove: 2000 }) },
  );
});
