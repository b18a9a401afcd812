import { answer, type BadManner, head, manners, pair } from './manner.ts';

const raw = (lines: string, body: string) => ({ send: `${lines}\r\n${body}` });
const STATUS = 'HTTP/1.1 200 OK\r\n';

/** Heads that break the rules of HTTP/1. */
export const HEADS: readonly BadManner[] = manners('head', [
  [
    'a head of 100 KB',
    'success',
    (x) => [{ send: answer(pair(x), 200, [`x: ${'y'.repeat(100_000)}`]) }, 'end'],
  ],
  [
    'a head of 500 KB',
    'success',
    (x) => [{ send: answer(pair(x), 200, [`x: ${'y'.repeat(500_000)}`]) }, 'end'],
  ],
  [
    '3,000 headers',
    'success',
    (x) => [
      {
        send: answer(
          pair(x),
          200,
          Array.from({ length: 3000 }, (_, index) => `x-${index}: y`),
        ),
      },
      'end',
    ],
  ],
  ['no headers', 'success', (x) => [raw(STATUS, pair(x)), 'end']],
  [
    'a control character in a header',
    'success',
    (x) => [{ send: answer(pair(x), 200, ['x: a\u0001b']) }, 'end'],
  ],
  ['a NUL in a header', 'success', (x) => [{ send: answer(pair(x), 200, ['x: a\0b']) }, 'end']],
  ['a header in UTF-8', 'success', (x) => [{ send: answer(pair(x), 200, ['x: São Paulo']) }, 'end']],
  ['a header without a colon', 'success', (x) => [{ send: answer(pair(x), 200, ['fake header']) }, 'end']],
  ['a header without a name', 'success', (x) => [{ send: answer(pair(x), 200, [': value']) }, 'end']],
  [
    'a blank before the colon',
    'success',
    (x) => [raw(`${STATUS}content-length : ${pair(x).length}\r\n`, pair(x)), 'end'],
  ],
  ['a folded header', 'success', (x) => [{ send: answer(pair(x), 200, ['x: a\r\n\tb']) }, 'end']],
  ['a folded first line', 'success', (x) => [raw(`${STATUS} folded\r\n`, pair(x)), 'end']],
  [
    'bare line feeds',
    'success',
    (x) => [{ send: `HTTP/1.1 200 OK\ncontent-length: ${pair(x).length}\n\n${pair(x)}` }, 'end'],
  ],
  [
    'doubled carriage returns',
    'success',
    (x) => [{ send: `HTTP/1.1 200 OK\r\r\ncontent-length: ${pair(x).length}\r\r\n\r\r\n${pair(x)}` }, 'end'],
  ],
  [
    'a blank line forgotten',
    'success',
    (x) => [{ send: `${STATUS}content-length: ${pair(x).length}\r\n${pair(x)}` }, 'end'],
  ],
  ['a status without a reason', 'success', (x) => [raw('HTTP/1.1 200\r\n', pair(x)), 'end']],
  ['a reason in another language', 'success', (x) => [raw('HTTP/1.1 200 Está bem\r\n', pair(x)), 'end']],
  ['HTTP/1.0', 'success', (x) => [raw('HTTP/1.0 200 OK\r\n', pair(x)), 'end']],
  ['HTTP/2 in words', 'success', (x) => [raw('HTTP/2 200\r\n', pair(x)), 'end']],
  ['a version that does not exist', 'success', (x) => [raw('HTTP/1.9 200 OK\r\n', pair(x)), 'end']],
  ['a version in small letters', 'success', (x) => [raw('http/1.1 200 ok\r\n', pair(x)), 'end']],
  ['two blanks before the status', 'success', (x) => [raw('HTTP/1.1  200 OK\r\n', pair(x)), 'end']],
  ['blank lines before the status', 'success', (x) => [raw('\r\n\r\nHTTP/1.1 200 OK\r\n', pair(x)), 'end']],
  ['rubbish before the status', 'success', (x) => [raw('rubbish\r\nHTTP/1.1 200 OK\r\n', pair(x)), 'end']],
  ['no head at all', 'success', (x) => [{ send: pair(x) }, 'end']],
  ['no head at all, held open', 'success', (x) => [{ send: pair(x) }, 'hold']],
  [
    '100 Continue before it',
    'success',
    (x) => [{ send: 'HTTP/1.1 100 Continue\r\n\r\n' }, { pauseMs: 20 }, { send: answer(pair(x)) }, 'end'],
  ],
  [
    'two interim answers before it',
    'success',
    (x) => [
      { send: 'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n' },
      { send: answer(pair(x)) },
      'end',
    ],
  ],
  [
    'a head in single bytes',
    'success',
    (x) => [...Array.from(`${STATUS}\r\n`, (each) => ({ send: each })), { send: pair(x) }, 'end'],
  ],
  [
    'a cookie of 60 KB',
    'success',
    (x) => [{ send: answer(pair(x), 200, [`set-cookie: a=${'b'.repeat(60_000)}`]) }, 'end'],
  ],
  [
    'a keep-alive that is longer than anybody waits',
    'success',
    (x) => [{ send: answer(pair(x), 200, ['connection: keep-alive', 'keep-alive: timeout=3600']) }, 'hold'],
  ],
  [
    'an upgrade',
    'success',
    (x) => [{ send: answer(pair(x), 200, ['upgrade: h2c', 'connection: upgrade']) }, 'end'],
  ],
  [
    'a location',
    'success',
    (x) => [{ send: answer(pair(x), 200, ['location: https://elsewhere.example/']) }, 'end'],
  ],
  ['a refresh header', 'success', (x) => [{ send: answer(pair(x), 200, ['refresh: 0; url=/']) }, 'end']],
  [
    'the type of a page',
    'success',
    (x) => [{ send: answer(pair(x), 200, ['content-type: text/html']) }, 'end'],
  ],
  [
    'the type of a picture',
    'success',
    (x) => [{ send: answer(pair(x), 200, ['content-type: image/png']) }, 'end'],
  ],
  [
    'two types',
    'success',
    (x) => [
      { send: answer(pair(x), 200, ['content-type: text/html', 'content-type: application/json']) },
      'end',
    ],
  ],
  ['a head that is cut off', 'unknown', () => [{ send: 'HTTP/1.1 200 OK\r\ncontent-ty' }, 'end'], true],
  ['half a status line', 'unknown', () => [{ send: 'HTTP/1.1 20' }, 'end'], true],
  ['another protocol', 'unknown', () => [{ send: 'SSH-2.0-OpenSSH_9.9\r\n' }, 'end']],
  ['a greeting', 'unknown', () => [{ send: '220 mail.example ESMTP\r\n' }, 'end']],
  ['a page without a head', 'unknown', () => [{ send: '<html>busy</html>' }, 'end']],
  ['nothing, and the end', 'unknown', () => ['end'], true],
  ['nothing, and a reset', 'unknown', () => ['reset'], true],
  [
    'a switch of protocols',
    'unknown',
    () => [{ send: head(101, ['upgrade: websocket', 'connection: upgrade']) }, 'end'],
  ],
  ['an interim answer and no other', 'unknown', () => [{ send: head(100, []) }, 'end']],
]);
