import type { Remedy } from './command.ts';

/** Why a chain has ended. */
export type LapseReason = 'refresh-token-expired' | 'grant-refused' | 'answer-unreadable';

interface LapseMeaning {
  /** A clause that says what happened. */
  readonly explanation: string;
  /** The same, when a post without a definite answer came before. */
  readonly afterUnknown?: string;
  readonly remedy: Remedy;
}

const LOG_IN_AGAIN: Remedy = {
  text: 'Log in at the provider for a new refresh token, then:',
  command: { name: 'reseed' },
};

/** Every way a chain ends. Status, events, mails and commands say it from here. */
export const LAPSES: Readonly<Record<LapseReason, LapseMeaning>> = {
  'refresh-token-expired': {
    explanation: 'the refresh token ended before it could be used',
    remedy: LOG_IN_AGAIN,
  },
  'grant-refused': {
    explanation: 'the provider refused the refresh token',
    afterUnknown:
      'the provider refused the refresh token after one of its answers had been lost. It had probably replaced the token, and nobody made a mistake',
    remedy: LOG_IN_AGAIN,
  },
  'answer-unreadable': {
    explanation: "the provider's answer could not be understood, and the refresh token is spent",
    remedy: { text: 'Look at the answer, which is kept:', command: { name: 'rescue' } },
  },
};

/** True for a reason of this list: what another version wrote may be none. */
export function isLapseReason(value: unknown): value is LapseReason {
  return typeof value === 'string' && Object.hasOwn(LAPSES, value);
}

/** Why a chain has ended, as a clause. Pure. */
export function lapseInWords({
  reason,
  afterUnknown,
}: {
  readonly reason: LapseReason;
  readonly afterUnknown?: boolean;
}): string {
  const { explanation, afterUnknown: lost } = LAPSES[reason];
  return (afterUnknown && lost) || explanation;
}

/** What begins a new chain. Pure. */
export function lapseRemedy(credential: string, reason: LapseReason): Remedy {
  const { text, command } = LAPSES[reason].remedy;
  return { text, command: command && { ...command, id: credential } };
}
