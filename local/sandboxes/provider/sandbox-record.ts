import type { GrantsChange } from './grants-change.ts';
import type { StateJournal, TrafficRecord } from './sandbox-state.ts';

/** One line of the sandbox's journal. Tokens, client ids and secrets are in it as fingerprints only. */
export type SandboxRecord = TrafficRecord | GrantsChange;

/** What the sandbox needs of a journal. */
export type SandboxJournal = StateJournal<GrantsChange>;
