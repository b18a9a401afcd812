import { BODIES } from './body.ts';
import { ENCODINGS } from './encoding.ts';
import { FRAMING } from './framing.ts';
import { HEADS } from './head.ts';
import type { BadManner } from './manner.ts';
import { STATUSES } from './status.ts';
import { TIMING } from './timing.ts';

export type { BadManner, Exchanged, Reaction } from './manner.ts';
export { pair, whole } from './manner.ts';

/** Every kind of bad manners that a token endpoint has been seen with, or may be. */
export const BAD_MANNERS: readonly BadManner[] = [
  ...FRAMING,
  ...HEADS,
  ...ENCODINGS,
  ...STATUSES,
  ...BODIES,
  ...TIMING,
];
