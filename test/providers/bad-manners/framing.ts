import { answer, type BadManner, chunked, form, head, manners, pair } from './manner.ts';

const CHUNKED = 'transfer-encoding: chunked';
const length = (bytes: number) => `content-length: ${bytes}`;

/** Lengths, chunks and ends of connections that are not what they say. */
export const FRAMING: readonly BadManner[] = manners('framing', [
  [
    'no length, and the connection ends',
    'success',
    (x) => [{ send: head(200, []) }, { send: pair(x) }, 'end'],
  ],
  [
    'no length, and the connection stays open',
    'success',
    (x) => [{ send: head(200, []) }, { send: pair(x) }, 'hold'],
  ],
  [
    'no length, and the connection is reset',
    'success',
    (x) => [{ send: head(200, []) }, { send: pair(x) }, { pauseMs: 50 }, 'reset'],
  ],
  ['a right length, and the connection stays open', 'success', (x) => [{ send: answer(pair(x)) }, 'hold']],
  [
    'a right length, and the connection is reset',
    'success',
    (x) => [{ send: answer(pair(x)) }, { pauseMs: 50 }, 'reset'],
  ],
  [
    'a length too long, and the connection ends',
    'success',
    (x) => [{ send: head(200, [length(9999)]) }, { send: pair(x) }, 'end'],
  ],
  [
    'a length too long, and the connection stays open',
    'success',
    (x) => [{ send: head(200, [length(9999)]) }, { send: pair(x) }, 'hold'],
  ],
  ['a length too short', 'success', (x) => [{ send: head(200, [length(20)]) }, { send: pair(x) }, 'end']],
  [
    'a length too short, in two parts',
    'success',
    (x) => [
      { send: head(200, [length(20)]) },
      { send: pair(x).slice(0, 30) },
      { pauseMs: 50 },
      { send: pair(x).slice(30) },
      'hold',
    ],
  ],
  ['a length of 0', 'success', (x) => [{ send: head(200, [length(0)]) }, { send: pair(x) }, 'end']],
  [
    'the same length twice',
    'success',
    (x) => [{ send: answer(pair(x), 200, [length(pair(x).length)]) }, 'end'],
  ],
  ['two lengths that differ', 'success', (x) => [{ send: answer(pair(x), 200, [length(7)]) }, 'end']],
  [
    'a negative length',
    'success',
    (x) => [{ send: head(200, ['content-length: -1']) }, { send: pair(x) }, 'end'],
  ],
  [
    'a length in words',
    'success',
    (x) => [{ send: head(200, ['content-length: many']) }, { send: pair(x) }, 'end'],
  ],
  [
    'a length too large for a number',
    'success',
    (x) => [{ send: head(200, ['content-length: 99999999999999999999']) }, { send: pair(x) }, 'end'],
  ],
  ['an empty length', 'success', (x) => [{ send: head(200, ['content-length:']) }, { send: pair(x) }, 'end']],
  [
    'chunks and a length',
    'success',
    (x) => [{ send: head(200, [CHUNKED, length(3)]) }, { send: chunked(pair(x)) }, 'end'],
  ],
  [
    'chunks announced, none sent',
    'success',
    (x) => [{ send: head(200, [CHUNKED]) }, { send: pair(x) }, 'end'],
  ],
  [
    'chunks announced, none sent, in parts',
    'success',
    (x) => [
      { send: head(200, [CHUNKED]) },
      { pauseMs: 30 },
      { send: pair(x).slice(0, 9) },
      { pauseMs: 30 },
      { send: pair(x).slice(9) },
      'hold',
    ],
  ],
  [
    'chunks sent, none announced',
    'success',
    (x) => [{ send: head(200, []) }, { send: chunked(pair(x)) }, 'end'],
  ],
  ['chunks sent inside a length', 'success', (x) => [{ send: answer(chunked(pair(x))) }, 'end']],
  [
    'chunks announced twice',
    'success',
    (x) => [{ send: head(200, [CHUNKED, CHUNKED]) }, { send: chunked(pair(x)) }, 'end'],
  ],
  [
    'chunks in chunks',
    'success',
    (x) => [{ send: head(200, [CHUNKED]) }, { send: chunked(chunked(pair(x))) }, 'end'],
  ],
  [
    'chunks of one byte',
    'success',
    (x) => [
      { send: head(200, [CHUNKED]) },
      { send: `${[...pair(x)].map((each) => `1\r\n${each}\r\n`).join('')}0\r\n\r\n` },
      'end',
    ],
  ],
  [
    'chunks without the last one',
    'success',
    (x) => [{ send: head(200, [CHUNKED]) }, { send: chunked(pair(x)).replace('0\r\n\r\n', '') }, 'end'],
  ],
  [
    'chunks without the last one, held open',
    'success',
    (x) => [{ send: head(200, [CHUNKED]) }, { send: chunked(pair(x)).replace('0\r\n\r\n', '') }, 'hold'],
  ],
  [
    'a chunk larger than it says',
    'success',
    (x) => [{ send: head(200, [CHUNKED]) }, { send: `5\r\n${pair(x)}\r\n0\r\n\r\n` }, 'end'],
  ],
  [
    'a chunk smaller than it says',
    'success',
    (x) => [{ send: head(200, [CHUNKED]) }, { send: `fff\r\n${pair(x)}\r\n0\r\n\r\n` }, 'end'],
  ],
  [
    'chunks with extensions',
    'success',
    (x) => [
      { send: head(200, [CHUNKED]) },
      { send: `${pair(x).length.toString(16)};name="value"\r\n${pair(x)}\r\n0\r\n\r\n` },
      'end',
    ],
  ],
  [
    'chunks with a trailer',
    'success',
    (x) => [
      { send: head(200, [CHUNKED]) },
      { send: chunked(pair(x)).replace(/\r\n$/, 'x-trailer: 1\r\n\r\n') },
      'end',
    ],
  ],
  [
    'chunks by bare line feeds',
    'success',
    (x) => [{ send: head(200, [CHUNKED]) }, { send: chunked(pair(x)).replaceAll('\r\n', '\n') }, 'end'],
  ],
  [
    'chunk sizes in capitals, with zeros before them',
    'success',
    (x) => [
      { send: head(200, [CHUNKED]) },
      { send: `0000${pair(x).length.toString(16).toUpperCase()}\r\n${pair(x)}\r\n0\r\n\r\n` },
      'end',
    ],
  ],
  [
    'a coding that is not chunked',
    'success',
    (x) => [{ send: head(200, ['transfer-encoding: identity']) }, { send: pair(x) }, 'end'],
  ],
  [
    'a second answer behind the first',
    'success',
    (x) => [{ send: answer(pair(x)) }, { send: answer('{"error":"invalid_request"}', 400) }, 'end'],
  ],
  [
    'a second answer behind a form',
    'success',
    (x) => [{ send: answer(form(x)) }, { send: answer('x', 400) }, 'end'],
  ],
  ['garbage behind the body', 'success', (x) => [{ send: answer(pair(x)) }, { send: '\0\0\0\0' }, 'end']],
  [
    'a reset in the middle of a member, both tokens there',
    'success',
    (x) => [
      { send: head(200, [length(999)]) },
      { send: pair(x, { scope: 'one two' }).slice(0, -6) },
      { pauseMs: 50 },
      'reset',
    ],
  ],
  [
    'an end before the refresh token',
    'garbled',
    (x) => [
      { send: head(200, [length(999)]) },
      { send: `{"access_token":"${x.access}","expires_in":300,` },
      'end',
    ],
  ],
  [
    'an end inside the refresh token',
    'garbled',
    (x) => [{ send: head(200, [length(999)]) }, { send: pair(x).slice(0, -4) }, 'end'],
  ],
  [
    'an end inside the access token, after the refresh token',
    'garbled',
    (x) => [
      { send: head(200, [length(999)]) },
      { send: `{"refresh_token":"${x.refresh}","access_token":"${x.access.slice(0, 4)}` },
      'end',
    ],
  ],
  [
    'an end after the first brace',
    'garbled',
    () => [{ send: head(200, [length(999)]) }, { send: '{' }, 'end'],
  ],
  [
    'an end inside a form',
    'garbled',
    (x) => [{ send: head(200, [length(999)]) }, { send: form(x).slice(0, -3) }, 'end'],
  ],
  [
    'a head, and a reset',
    'unknown',
    () => [{ send: head(200, [length(999)]) }, { pauseMs: 50 }, 'reset'],
    true,
  ],
  ['a head, and the end', 'unknown', () => [{ send: head(200, [length(999)]) }, 'end'], true],
  ['a head, and nothing', 'unknown', () => [{ send: head(200, [length(999)]) }, 'hold'], true],
]);
