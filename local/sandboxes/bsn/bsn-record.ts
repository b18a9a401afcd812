import type { Fingerprint, IssuedToken } from '../provider/fingerprint.ts';
import type { StateJournal, TrafficRecord } from '../provider/sandbox-state.ts';

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

/** What changes users and sessions. Tokens and passwords are in it as fingerprints only. */
export type BsnChange = BsnUser | BsnIssued | { readonly type: 'revoked'; readonly username: string };

/** One line of the sandbox's journal. */
export type BsnRecord = TrafficRecord | BsnChange;

/** What the sandbox needs of a journal. */
export type BsnJournal = StateJournal<BsnChange>;
