/** How a thing is, for its colour and its mark: the page says each in words too. */
export type Tone = 'good' | 'warn' | 'bad' | 'idle';

/** What the page shows, worked out for it: the page itself only draws. */
export interface ConsoleState {
  readonly environment: string;
  readonly isLocal: boolean;
  readonly version: string;
  /** The clock by which everything is meant (RFC 3339). */
  readonly at: string;
  /** How long the page waits before it asks again. */
  readonly againAfterMs: number;
  readonly credentials: readonly ConsoleCredential[];
  readonly quotas: readonly ConsoleQuota[];
  readonly events: readonly ConsoleEvent[];
}

export interface Life {
  readonly from: string;
  readonly until: string;
}

export interface ConsoleCredential {
  readonly id: string;
  readonly provider: string;
  readonly mode: string;
  readonly state: string;
  readonly tone: Tone;
  readonly sentence: string;
  readonly generation: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly token?: Life & { readonly refreshAfter?: string };
  readonly chain?: Life;
  readonly lastRefreshAt?: string;
  readonly nextRefreshAt?: string;
  readonly remedy?: ConsoleRemedy;
  readonly history: readonly ConsoleOutcome[];
  readonly changes: readonly ConsoleChange[];
}

export interface ConsoleRemedy {
  readonly text: string;
  /** Nobody has to do anything: Renova tries again by itself. */
  readonly waits: boolean;
  readonly commands: readonly ConsoleCommand[];
}

/** A command as it is typed and, where the console can do it itself, as its action. */
export interface ConsoleCommand {
  readonly when?: string;
  readonly line: string;
  readonly button?: ConsoleButton;
}

/** What a button asks the admin function for, and what is asked before. */
export interface ConsoleButton {
  readonly label: string;
  readonly action: ConsoleAction;
  readonly consequence: string;
}

/** What the page may do. Nothing that takes a secret, and nothing that cannot be taken back. */
export const CONSOLE_ACTIONS = ['refresh', 'resume'] as const;
export type ConsoleAction = (typeof CONSOLE_ACTIONS)[number];

export interface ConsoleOutcome {
  readonly at: string;
  readonly generation: number;
  readonly tone: Tone;
  readonly words: string;
}

export interface ConsoleChange {
  readonly at: string;
  readonly words: string;
}

export interface ConsoleQuota {
  readonly key: string;
  readonly used?: number;
  readonly limit: number;
  readonly windowSeconds: number;
  readonly demandPercent?: number;
  readonly tone: Tone;
  readonly closedUntil?: string;
}

export interface ConsoleEvent {
  readonly at: string;
  readonly credential?: string;
  readonly tone: Tone;
  readonly title: string;
  readonly words: string;
}
