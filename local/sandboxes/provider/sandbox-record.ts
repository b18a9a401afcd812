import type { Granted, LoginResult, Rotated } from './grants.ts';
import type { Enrolled } from './logins.ts';
import type { StateJournal, TrafficRecord } from './sandbox-state.ts';

/** What changes clients and grants. Tokens, client ids and secrets are in it as fingerprints only. */
export type GrantChange = Granted | Rotated | Enrolled | LoginResult;

/** One line of the sandbox's journal. */
export type SandboxRecord = TrafficRecord | GrantChange;

/** What the sandbox needs of a journal. */
export type SandboxJournal = StateJournal<GrantChange>;
