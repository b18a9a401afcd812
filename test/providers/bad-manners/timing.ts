import { answer, type BadManner, head, manners, pair, type Reaction } from './manner.ts';

/** A text in single bytes, each after a moment. */
const trickle = (text: string, pauseMs: number): Reaction[] =>
  Array.from(text).flatMap((each): Reaction[] => [{ send: each }, { pauseMs }]);

/** Answers that come late, slowly, in pieces, or with signs of life before them. */
export const TIMING: readonly BadManner[] = manners('timing', [
  ['in single bytes', 'success', (x) => [{ send: head(200, []) }, ...trickle(pair(x), 1), 'hold']],
  [
    'in two parts, cut inside a token',
    'success',
    (x) => [
      { send: head(200, []) },
      { send: pair(x).slice(0, 25) },
      { pauseMs: 200 },
      { send: pair(x).slice(25) },
      'hold',
    ],
  ],
  [
    'head and body apart',
    'success',
    (x) => [
      { send: head(200, [`content-length: ${pair(x).length}`]) },
      { pauseMs: 200 },
      { send: pair(x) },
      'hold',
    ],
  ],
  [
    'blanks as signs of life, then the pair',
    'success',
    (x) => [{ send: head(200, []) }, ...trickle('\n\n\n\n', 100), { send: pair(x) }, 'hold'],
  ],
  [
    'objects as signs of life, then the pair',
    'success',
    (x) => [{ send: head(200, []) }, { send: '{"ping":1}\n' }, { pauseMs: 1300 }, { send: pair(x) }, 'hold'],
  ],
  [
    'a warning at once, the pair later',
    'success',
    (x) => [
      { send: head(200, []) },
      { send: 'Warning: slow\n' },
      { pauseMs: 1300 },
      { send: pair(x) },
      'hold',
    ],
  ],
  [
    'an interim answer at once, the pair later',
    'success',
    (x) => [{ send: head(100, []) }, { pauseMs: 300 }, { send: answer(pair(x)) }, 'hold'],
  ],
  [
    'a pair, and blanks without end',
    'success',
    (x) => [{ send: head(200, []) }, { send: pair(x) }, ...trickle(' '.repeat(50), 20), 'hold'],
  ],
  ['a pair after a while', 'success', (x) => [{ pauseMs: 800 }, { send: answer(pair(x)) }, 'end']],
  [
    'a refusal, held open',
    'refused-grant',
    () => [{ send: head(400, []) }, { send: '{"error":"invalid_grant"}' }, 'hold'],
  ],
  [
    'maintenance, held open',
    'unknown',
    () => [{ send: head(200, []) }, { send: '{"message":"maintenance"}' }, 'hold'],
  ],
  ['a page, held open', 'unknown', () => [{ send: head(200, []) }, { send: '<html>' }, 'hold']],
  [
    'blanks without a pair',
    'unknown',
    () => [{ send: head(200, []) }, ...trickle(' '.repeat(20), 10), 'hold'],
    true,
  ],
  ['silence', 'unknown', () => ['hold'], true],
  [
    'half a pair, then silence',
    'garbled',
    (x) => [{ send: head(200, []) }, { send: pair(x).slice(0, 40) }, 'hold'],
  ],
]);
