import type { Outcome } from '../token-endpoint/token-endpoint.ts';
import type { Command, Remedy } from './command.ts';
import { type FailureReason, reasonInWords } from './reasons.ts';

/** Kind of a failed refresh: what the post came to, or why there was none. */
export type FailureOutcome =
  | Exclude<Outcome['kind'], 'success'>
  | 'not-ready'
  | 'stale-client'
  | 'refused-token'
  | 'not-chosen'
  | 'refused-network'
  | 'no-trace';

/** What a failure is told as: it may pass by itself, or somebody has to change something. */
export type FailureKind = 'failing' | 'misconfigured';

/** How a failure is retried. Every one is, without a command. */
export const RETRIES = {
  'at once': 'nothing was wrong but a client secret that had just been replaced',
  'with a back-off': 'after 5 s, then with pauses that grow to 15 minutes',
  'after a quiet time':
    'when the provider cannot be busy with it any more (10 s), then with pauses that grow to 15 minutes',
  'as the provider asks': 'after the `Retry-After` that it stated, or one window of its quota',
  'twice a tick': 'every 30 s',
  'after two minutes':
    'after two minutes, then every minute until the provider serves another credential; with pauses up to 15 minutes while others are refused too',
  'within minutes': 'within minutes at first, hourly after several refusals in a row',
} as const satisfies Readonly<Record<string, string>>;

export type Retry = keyof typeof RETRIES;

/** What is known of a failure of one outcome. */
export interface FailureMeaning {
  /** A clause that says what happened, without its reason: `the provider could not be reached`. */
  readonly explanation: string;
  readonly kind: FailureKind;
  readonly retry: Retry;
  readonly remedy: RemedyTemplate;
}

/** A remedy of any credential: commands without an id. */
interface RemedyTemplate {
  readonly text: string;
  readonly command?: CommandTemplate;
  readonly otherwise?: { readonly when: string; readonly command: CommandTemplate };
  readonly waits?: true;
}
type CommandTemplate = Omit<Command, 'id'>;

const WAITS = {
  text: 'Nothing to do: Renova tries again by itself. To see how it is:',
  command: { name: 'status' },
  waits: true,
} as const satisfies RemedyTemplate;

const NEW_TOKEN_URL = { name: 'update', flags: ['--token-url', '<url>'] } as const satisfies CommandTemplate;
const NEW_CLIENT = { name: 'update', flags: ['--client'] } as const satisfies CommandTemplate;
const NEW_NETWORK = { name: 'update', flags: ['--network', '<name>'] } as const satisfies CommandTemplate;
const RESEED = { name: 'reseed' } as const satisfies CommandTemplate;

/**
 * Every outcome that brings no pair: what it means, what it is told as, how it is retried and what fixes it. Status,
 * events, mails, commands and documents say it from here.
 */
export const FAILURES: Readonly<Record<FailureOutcome, FailureMeaning>> = {
  'not-sent': {
    explanation: 'the provider could not be reached',
    kind: 'failing',
    retry: 'with a back-off',
    remedy: { ...WAITS, otherwise: { when: 'its token URL is wrong', command: NEW_TOKEN_URL } },
  },
  throttled: {
    explanation: 'the provider said that there were too many requests',
    kind: 'failing',
    retry: 'as the provider asks',
    remedy: {
      ...WAITS,
      otherwise: { when: 'it goes on, to see what its quota has to serve', command: { name: 'capacity' } },
    },
  },
  unknown: {
    explanation: 'the provider gave no definite answer',
    kind: 'failing',
    retry: 'after a quiet time',
    remedy: WAITS,
  },
  refused: {
    explanation: 'the provider refused the request without saying why',
    kind: 'failing',
    retry: 'with a back-off',
    remedy: { ...WAITS, otherwise: { when: 'its token URL is wrong', command: NEW_TOKEN_URL } },
  },
  garbled: {
    explanation: "the provider's answer could not be understood, and the refresh token is spent",
    kind: 'failing',
    retry: 'with a back-off',
    remedy: { text: 'Look at the answer, which is kept:', command: { name: 'rescue' } },
  },
  'refused-grant': {
    explanation: 'the provider refused the login',
    kind: 'misconfigured',
    retry: 'within minutes',
    remedy: {
      text: 'Check user name, password and network, and give the right ones:',
      command: NEW_CLIENT,
    },
  },
  'refused-client': {
    explanation: 'the provider refused the client id, the client secret or another setting',
    kind: 'misconfigured',
    retry: 'within minutes',
    remedy: {
      text: 'Check client id and client secret at the provider, and give the right ones:',
      command: NEW_CLIENT,
    },
  },
  'refused-token': {
    explanation: 'the provider refused the refresh token, and is asked again before that is believed',
    kind: 'failing',
    retry: 'after two minutes',
    remedy: WAITS,
  },
  'not-ready': {
    explanation: 'Renova could not read what it needs to ask',
    kind: 'misconfigured',
    retry: 'twice a tick',
    remedy: {
      text: 'Let the refresh function read its secrets and keys again (was there a deployment?). To see whether it does:',
      command: { name: 'status' },
    },
  },
  'stale-client': {
    explanation: 'its client secret had just been replaced',
    kind: 'failing',
    retry: 'at once',
    remedy: WAITS,
  },
  'not-chosen': {
    explanation: 'the new token could not choose its network',
    kind: 'failing',
    retry: 'with a back-off',
    remedy: WAITS,
  },
  'refused-network': {
    explanation: 'the provider refused the network',
    kind: 'misconfigured',
    retry: 'within minutes',
    remedy: {
      text: 'Check the name of the network at the provider, and that the client may enter it, and give the right one:',
      command: NEW_NETWORK,
    },
  },
  'no-trace': {
    explanation: 'its attempts ended without a trace',
    kind: 'failing',
    retry: 'with a back-off',
    remedy: {
      text: 'See whether the refresh function crashes, runs out of memory or is cut off, and what is wrong with it:',
      command: { name: 'doctor' },
    },
  },
};

/** What a reason says that its outcome leaves open. The first row that fits counts. */
const REFINEMENTS: readonly {
  readonly outcomes: readonly FailureOutcome[];
  readonly reasons: readonly FailureReason[];
  readonly says: Partial<FailureMeaning>;
}[] = [
  {
    outcomes: ['refused-client'],
    reasons: ['invalid_scope', 'insufficient_scope'],
    says: {
      explanation: 'the provider refused the scope',
      remedy: {
        text: 'Give the scope that the provider grants to this client:',
        command: { name: 'update', flags: ['--scope', '<scope>'] },
      },
    },
  },
  {
    outcomes: ['refused', 'refused-client'],
    reasons: ['http-404', 'http-405', 'http-410'],
    says: {
      explanation: 'there is no token endpoint at its token URL',
      remedy: { text: 'Give the right token URL:', command: NEW_TOKEN_URL },
    },
  },
  {
    outcomes: ['refused-client'],
    reasons: ['remote-provider'],
    says: {
      explanation: 'its token URL leads beyond this machine',
      remedy: {
        text: 'Give a token URL of this machine, or start the stack with --allow-remote-provider:',
        command: NEW_TOKEN_URL,
      },
    },
  },
  {
    outcomes: ['refused-network'],
    reasons: ['remote-provider', 'invalid-network-url'],
    says: {
      explanation: 'its network URL cannot be used here',
      remedy: {
        text: 'Give a network URL that can be asked:',
        command: { name: 'update', flags: ['--network-url', '<url>'] },
      },
    },
  },
  {
    outcomes: ['refused-client'],
    reasons: ['invalid-private-key', 'invalid-certificate', 'missing-private-key', 'missing-certificate'],
    says: {
      explanation: 'its private key or certificate is missing or cannot be used',
      remedy: {
        text: 'Give a private key, or a certificate with its key, that can be read, as JSON by --secrets -:',
        command: NEW_CLIENT,
      },
    },
  },
  {
    outcomes: ['refused-client'],
    reasons: ['invalid-ca'],
    says: {
      explanation: 'its certificate authority cannot be used',
      remedy: {
        text: 'Give a certificate authority that can be read:',
        command: { name: 'update', flags: ['--ca', '<file>'] },
      },
    },
  },
  {
    outcomes: ['refused-client'],
    reasons: ['invalid-header'],
    says: {
      explanation: 'one of its headers cannot be sent',
      remedy: {
        text: 'Give its headers again, all of them:',
        command: { name: 'update', flags: ['--headers', '<name=value>'] },
      },
    },
  },
  {
    outcomes: ['refused-client', 'not-sent'],
    reasons: ['invalid-token-url', 'invalid-server-name'],
    says: {
      explanation: 'its token URL cannot be used',
      remedy: { text: 'Give a token URL that can be asked:', command: NEW_TOKEN_URL },
    },
  },
  {
    // Providers say these of a refresh token, too: a client that was right yesterday is right today.
    outcomes: ['refused-client'],
    reasons: [
      'unauthorized_client',
      'access_denied',
      'invalid_request',
      'invalid_token',
      'unsupported_grant_type',
    ],
    says: {
      explanation: 'the provider refused the client, a setting or the refresh token',
      remedy: {
        text: 'Check client id, client secret and settings at the provider, and give the right ones:',
        command: NEW_CLIENT,
        otherwise: { when: 'they are right, the login has ended: with a new refresh token', command: RESEED },
      },
    },
  },
  {
    outcomes: ['not-ready'],
    reasons: ['invalid-client-secret', 'secret-not-found'],
    says: {
      explanation: 'its client secret is gone or cannot be used',
      remedy: { text: 'Give the client secret again:', command: NEW_CLIENT },
    },
  },
  {
    outcomes: ['not-ready'],
    reasons: ['unknown-seal-key', 'broken-seal'],
    says: {
      explanation: 'its sealed tokens cannot be opened',
      remedy: {
        text: 'Restore the seal key ring (docs/operations.md). If it is lost, with a new refresh token:',
        command: RESEED,
      },
    },
  },
  {
    outcomes: ['not-ready'],
    reasons: ['damaged-record'],
    says: {
      explanation: 'its record cannot be relied on',
      remedy: {
        text: 'Put its item back as it is in a backup of the ledger, and adopt what is newer in the vault:',
        command: { name: 'recover' },
        otherwise: { when: 'there is no backup, remove it and', command: { name: 'register' } },
      },
    },
  },
  {
    outcomes: ['garbled'],
    reasons: ['no-access-token'],
    says: {
      explanation: 'the answer held a refresh token and no access token',
      remedy: WAITS,
    },
  },
];

/** What else a text about a failure depends on. */
export interface Failed {
  readonly credential: string;
  /** The app whose client it has. */
  readonly app?: string;
  readonly outcome: FailureOutcome;
  readonly reason?: string;
  readonly clientAuth?: string;
}

/** What is known of a failure of this outcome and reason. Pure. */
export function failureMeaning({ outcome, reason = '' }: Pick<Failed, 'outcome' | 'reason'>): FailureMeaning {
  const refined = REFINEMENTS.find(
    ({ outcomes, reasons }) => outcomes.includes(outcome) && isAmong(reasons, reason),
  );
  return { ...FAILURES[outcome], ...refined?.says };
}

/** What happened, as a clause with its reason: `the provider could not be reached (ECONNREFUSED)`. Pure. */
export function failureInWords({ outcome, reason }: Pick<Failed, 'outcome' | 'reason'>): string {
  const { explanation } = failureMeaning({ outcome, reason });
  return `${explanation}${reasonInWords(reason === outcome ? undefined : reason, explanation)}`;
}

/** What fixes it. Pure. */
export function failureRemedy({ credential, app, outcome, reason, clientAuth }: Failed): Remedy {
  const { remedy } = failureMeaning({ outcome, reason });
  const ofIt = (command: CommandTemplate): Command =>
    GENERAL.has(command.name) ? command : clientChange({ ...command, id: credential }, app);
  const otherwise = remedy.otherwise ?? otherClientAuth(outcome, reason, clientAuth);
  return {
    text: remedy.text,
    ...(remedy.command && { command: ofIt(remedy.command) }),
    ...(otherwise && { otherwise: { when: otherwise.when, command: ofIt(otherwise.command) } }),
    ...(remedy.waits && { waits: remedy.waits }),
  };
}

/** Where a client secret is given anew: at the credential, or at the app whose client it has. Pure. */
export function clientChange(command: Command, app: string | undefined): Command {
  const isClient = command.name === 'update' && command.flags?.includes('--client');
  return app !== undefined && isClient ? { name: 'app put', id: app } : command;
}

/** Commands of an environment, not of a credential. */
const GENERAL: ReadonlySet<string> = new Set(['capacity', 'doctor', 'list']);

/** A client secret that is sent the wrong way is refused like a wrong one. */
function otherClientAuth(
  outcome: FailureOutcome,
  reason: string | undefined,
  clientAuth: string | undefined,
): RemedyTemplate['otherwise'] {
  if (outcome !== 'refused-client' || reason === undefined) return undefined;
  if (!isAmong(REFUSES_HOW, reason)) return undefined;
  if (clientAuth !== undefined && !['post', 'basic', 'none'].includes(clientAuth)) return undefined;
  const other = clientAuth === 'post' ? 'basic' : 'post';
  return {
    when: `the provider wants the client secret ${other === 'post' ? 'in the body' : 'by HTTP Basic'}`,
    command: { name: 'update', flags: ['--client-auth', other] },
  };
}

const REFUSES_HOW: readonly FailureReason[] = ['invalid_client', 'http-400', 'http-401', 'http-403'];

function isAmong(reasons: readonly FailureReason[], reason: string): boolean {
  return reasons.some((each) => each === reason);
}

/** True for an outcome of this list: what another version wrote may be none. */
export function isFailureOutcome(value: unknown): value is FailureOutcome {
  return typeof value === 'string' && Object.hasOwn(FAILURES, value);
}

/** True if a failure is nobody's mistake until it has come a few times: a store or a vault that was away for a moment. */
export function mayPass({
  outcome,
  reason,
}: {
  readonly outcome: FailureOutcome;
  readonly reason: FailureReason;
}): boolean {
  const { kind } = failureMeaning({ outcome, reason });
  return kind === 'failing' || (outcome === 'not-ready' && !isAmong(DEFINITE, reason));
}

/** Why something is not ready: a secret is there, or gone, and is wrong. */
const DEFINITE: readonly FailureReason[] = [
  'invalid-client-secret',
  'invalid-key-ring',
  'unknown-seal-key',
  'broken-seal',
  'damaged-record',
];
