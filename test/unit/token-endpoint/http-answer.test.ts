// An answer of HTTP/1 as its bytes say it, whatever rule they break.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readHttpAnswer } from '../../../shared/token-endpoint/answer/http-answer.ts';

interface Expected {
  readonly status?: number;
  readonly body: string;
  readonly complete: boolean;
  readonly unframed?: string;
}

const ROWS: Record<string, [bytes: string, expected: Expected | undefined]> = {
  'a length': ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}', { body: '{}', complete: true }],
  'a length that has not come': [
    'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}',
    { body: '{}', complete: false },
  ],
  'a length that is too short': [
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{}',
    { body: '{', complete: true, unframed: '{}' },
  ],
  'two lengths that agree': [
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}',
    { body: '{}', complete: true },
  ],
  'two lengths that differ': [
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
    { body: '{}', complete: false },
  ],
  'a length that is no number': [
    'HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n{}',
    { body: '{}', complete: false },
  ],
  'no length': ['HTTP/1.0 200 OK\r\n\r\n{}', { body: '{}', complete: false }],
  'no content': ['HTTP/1.1 204 No Content\r\n\r\n', { status: 204, body: '', complete: true }],
  chunks: [
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;x=y\r\n}\r\n0\r\n\r\n',
    { body: '{}', complete: true },
  ],
  'chunks without the last': [
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n',
    { body: '{}', complete: false },
  ],
  'half a chunk': [
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{}',
    { body: '{}', complete: false },
  ],
  'half a size': ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1', { body: '', complete: false }],
  'chunks by bare line feeds': [
    'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\n{}\n0\n\n',
    { body: '{}', complete: true },
  ],
  'chunks that turn into something else': [
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nzz',
    { body: '{}', complete: false },
  ],
  'no chunks, announced': [
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}',
    { body: '{}', complete: false },
  ],
  'bare line feeds': ['HTTP/1.1 200 OK\nContent-Length: 2\n\n{}', { body: '{}', complete: true }],
  'doubled carriage returns': [
    'HTTP/1.1 200 OK\r\r\nContent-Length: 2\r\r\n\r\r\n{}',
    { body: '{}', complete: true },
  ],
  'no reason': ['HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}', { body: '{}', complete: true }],
  'a later version': ['HTTP/2 200\r\ncontent-length: 2\r\n\r\n{}', { body: '{}', complete: true }],
  'blank lines before it': [
    '\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}',
    { body: '{}', complete: true },
  ],
  'something else before it': [
    'garbage\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}',
    { body: '{}', complete: true },
  ],
  'an interim answer before it': [
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}',
    { body: '{}', complete: true },
  ],
  'hints before it': [
    'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 400 X\r\nContent-Length: 2\r\n\r\n{}',
    { status: 400, body: '{}', complete: true },
  ],
  'an interim answer alone': ['HTTP/1.1 100 Continue\r\n\r\n', undefined],
  'a folded header': [
    'HTTP/1.1 200 OK\r\nx: a\r\n b\r\nContent-Length: 2\r\n\r\n{}',
    { body: '{}', complete: true },
  ],
  'a header without a colon': [
    'HTTP/1.1 200 OK\r\nnothing\r\nContent-Length: 2\r\n\r\n{}',
    { body: '{}', complete: true },
  ],
  'blanks before a colon': [
    'HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\n{}',
    { body: '{}', complete: true },
  ],
  'no blank line before the body': [
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n{}',
    { body: '{}', complete: true },
  ],
  'a head of 300 KB': [
    `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(300_000)}\r\nContent-Length: 2\r\n\r\n{}`,
    { body: '{}', complete: true },
  ],
  'no head at all': ['{"a":1}', { body: '{"a":1}', complete: false }],
  'a page without a head': ['<html>', undefined],
  words: ['hello\r\n\r\n', undefined],
  'another protocol': ['SSH-2.0-x\r\n', undefined],
  nothing: ['', undefined],
};

for (const [what, [bytes, expected]] of Object.entries(ROWS)) {
  test(`an answer with ${what} is read`, () => {
    const answer = readHttpAnswer(Buffer.from(bytes, 'latin1'));
    if (expected === undefined) return assert.equal(answer, undefined);
    assert.ok(answer);
    assert.equal(answer.status, expected.status ?? 200);
    assert.equal(answer.body.toString('latin1'), expected.body);
    assert.equal(answer.complete, expected.complete);
    if (expected.unframed) assert.equal(answer.unframed.toString('latin1'), expected.unframed);
  });
}

test('of a header that comes twice the first counts, and encodings are a list', () => {
  const bytes =
    'HTTP/1.1 200 OK\r\nRetry-After: 5\r\nretry-after: 9\r\nContent-Encoding: gzip\r\ncontent-encoding: br\r\n\r\n';
  const headers = readHttpAnswer(Buffer.from(bytes))?.headers;
  assert.equal(headers?.['retry-after'], '5');
  assert.equal(headers?.['content-encoding'], 'gzip, br');
});

test('a body in chunks of any sizes is what was sent', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 })), (parts) => {
      const chunks = parts.flatMap((part) => [`${part.length.toString(16)}\r\n`, part, '\r\n']);
      const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
      const bytes = Buffer.concat([head, ...chunks, '0\r\n\r\n'].map((each) => Buffer.from(each)));
      const answer = readHttpAnswer(bytes);
      assert.deepEqual(answer?.body, Buffer.concat(parts));
      assert.equal(answer?.complete, true);
    }),
  );
});

test('no bytes make it throw', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'HTTP/1.1 ',
      '200',
      ' OK',
      '\r\n',
      '\n',
      ':',
      'Content-Length: ',
      'Transfer-Encoding: chunked',
      '0',
      '{',
    ),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      readHttpAnswer(Buffer.from(pieces.join(''), 'latin1'));
    }),
  );
});
