import type { Journal } from '../journal/journal.ts';
import type { FaultOrder } from '../provider/faults.ts';
import type { Fingerprint, IssuedToken } from '../provider/fingerprint.ts';

/** A person with an account, and the networks that he belongs to. Replaces an account of that name. */
export interface BsnUser {
  readonly type: 'user';
  readonly username: string;
  readonly password: Fingerprint;
  readonly networks: readonly string[];
}

/** A session: what one login grew into. */
export interface BsnIssued {
  readonly type: 'issued';
  readonly by: 'login' | 'refresh';
  readonly username: string;
  readonly network?: string;
  readonly accessToken: IssuedToken;
  readonly refreshToken: Fingerprint;
  /** What a refresh spent. */
  readonly spent?: Fingerprint;
}

/** One line of the sandbox's journal. Tokens and passwords are in it as fingerprints only. */
export type BsnRecord =
  | BsnUser
  | BsnIssued
  | { readonly type: 'revoked'; readonly username: string }
  | { readonly type: 'arrived'; readonly atMs: number; readonly faulty: boolean }
  | { readonly type: 'reused' }
  | { readonly type: 'resource'; readonly alive: boolean }
  | { readonly type: 'faults'; readonly order: FaultOrder };

/** What the sandbox needs of a journal, opened with `fsync`. */
export type BsnJournal = Pick<Journal<BsnRecord>, 'entries' | 'append'>;
