import type { Journal } from '../journal/journal.ts';
import type { FaultOrder } from './faults.ts';
import type { Granted, LoggedIn, Rotated } from './grants.ts';
import type { Enrolled } from './logins.ts';

/** One line of the sandbox's journal. Tokens, client ids and secrets are in it as fingerprints only. */
export type SandboxRecord =
  | Granted
  | Rotated
  | Enrolled
  | LoggedIn
  /** A token request arrived; `faulty`: it met the first of the ordered faults. */
  | { readonly type: 'arrived'; readonly atMs: number; readonly faulty: boolean }
  /** A spent refresh token was presented. */
  | { readonly type: 'reused' }
  /** Somebody asked for the protected resource, with a token that was alive or not. */
  | { readonly type: 'resource'; readonly alive: boolean }
  | { readonly type: 'faults'; readonly order: FaultOrder };

/** What the sandbox needs of a journal. Open it with `fsync`: a rotation is durable before it is answered. */
export type SandboxJournal = Pick<Journal<SandboxRecord>, 'entries' | 'append'>;
