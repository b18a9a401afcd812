import type { FailureOutcome } from '../failure/failures.ts';
import type { LapseReason } from '../failure/lapses.ts';
import type { FailureReason } from '../failure/reasons.ts';
import type { Revisioned } from '../table/table.ts';
import type { FieldValue } from '../token-endpoint/answer/answer-fields.ts';
import type { Episode, EpisodeEnd } from './episode.ts';
import type { History } from './history.ts';
import type { CredentialSettings } from './settings.ts';
import type { Attention, Watched } from './watched.ts';

/**
 * One token pair as it is stored everywhere (ledger, rescue secret, published value): sealed, and bound
 * to its credential, chain and generation. The seed of a chain is a pair without an access token.
 */
export interface SealedPair {
  readonly chain: string;
  readonly generation: number;
  /** Id of the attempt that obtained it (of the registration or reseed, for a seed). */
  readonly attempt: string;
  readonly sealedAccess?: string;
  readonly sealedRefresh?: string;
  readonly tokenType: string;
  readonly scope?: string;
  /** The chosen members of the answer (`CredentialSettings.fields`), none of them a token. */
  readonly fields?: Readonly<Record<string, FieldValue>>;
  /** When the request for it was sent. */
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  /** Nobody refreshes the credential before this without a reason that readers are told of. */
  readonly refreshAfterMs: number;
  readonly refreshTokenExpiresAtMs?: number;
  /** The life that an answer last stated for an access token of this chain; absent: none has. */
  readonly statedLifeMs?: number;
  /** When the life began that ends then; absent: when the pair was issued. */
  readonly refreshTokenSinceMs?: number;
  /** The access token has characters that no HTTP header can carry (RFC 6749, appendix A.12). */
  readonly unprintable?: true;
}

/** Somebody has the right to act on this credential, alone, until the lease ends. */
export interface Attempt {
  readonly id: string;
  /**
   * `refresh` posts the refresh token; `publish` only writes the current pair into its lane; `remove` deletes the
   * secrets of a removed credential.
   */
  readonly purpose: 'refresh' | 'publish' | 'remove';
  /** The generation it found: the one whose refresh token it spends, or that it publishes. */
  readonly generation: number;
  readonly beganAtMs: number;
  /** By then its result is stored if a store answers; a rescue copy comes later only if neither did. */
  readonly storeByMs: number;
  readonly leaseUntilMs: number;
}

/** Refreshes that failed in a row. */
export interface Failure {
  readonly count: number;
  /** The last of them that had the same outcome, in a row. */
  readonly alike?: number;
  readonly sinceMs: number;
  readonly lastAtMs: number;
  /** Readers' requests wait for this as the schedule does; only an operator's does not. */
  readonly retryAtMs?: number;
  /** Kind of the last outcome, and its short code. */
  readonly outcome: FailureOutcome;
  readonly reason: FailureReason;
}

export interface UnreadableAnswer {
  readonly atMs: number;
  readonly chain: string;
  readonly generation: number;
  readonly sealedBody: string;
}

export interface Lapse {
  readonly atMs: number;
  readonly reason: LapseReason;
  /** A post without a definite answer came before: the provider may have rotated unseen. */
  readonly afterUnknown: boolean;
}

/** What has been told about a credential, and accepted by the event bus. */
export interface Announced {
  /** The latest generation whose refresh was told. */
  readonly generation: number;
  /** The trouble that was told and is not over, and the last one that was told to be over. */
  readonly trouble?: ToldTrouble;
  readonly troubleEnded?: EpisodeEnd;
  /** Pairs that wait for their lanes, the same. */
  readonly unpublished?: ToldUnpublished;
  readonly unpublishedEnded?: EpisodeEnd;
  /** The last warning, and the end of the refresh token that it was about. */
  readonly warnedHours?: number;
  readonly warnedEndMs?: number;
  /** Since when the reports of refused tokens go on that were told. */
  readonly refusedSinceMs?: number;
  /** The last warning before the end of the client secret, and that end. */
  readonly client?: { readonly days: number; readonly endMs: number };
  /** The refusal of a new client secret that was told, by when it began. */
  readonly clientRefusedAtMs?: number;
}

export type TroubleKind = 'failing' | 'misconfigured' | 'lapsed';

/** Pairs that wait for their lanes, which was told. */
export interface ToldUnpublished extends Episode {
  /** It was told together with others; if it still waits then, it is looked at anew. */
  readonly coveredUntilMs?: number;
}

/** A trouble that was told. */
export interface ToldTrouble extends Episode {
  /** The last that was told of it, and all that were. */
  readonly kind: TroubleKind;
  readonly kinds: readonly TroubleKind[];
  /** It was told together with others of its provider; if it still fails then, it is looked at anew. */
  readonly coveredUntilMs?: number;
}

/**
 * The chain that a reseed replaced, until the new one has brought a pair: a mistyped refresh token costs no chain. It
 * keeps what was known of its refresh token, so that going back leaves everything as it was.
 */
export interface PreviousChain {
  readonly pair: SealedPair;
  readonly publishedGeneration: number;
  /** A refresh of it that had not ended: what that brought may still be found. */
  readonly attempt?: Attempt;
  readonly doubt?: Doubt;
  readonly refusals?: Refusals;
  readonly lapse?: Lapse;
  /** The chain that this one had replaced and brought no pair for: it is gone back to next. */
  readonly before?: PreviousChain;
}

/** How far the current pair is published. */
export interface PublicationState {
  /** Lanes its published tokens are spread over. */
  readonly lanes: number;
  /** Numbers of lanes of before: their readers are told of the new one by the next publish. */
  readonly formerLanes?: readonly number[];
  /** The most lanes that a token has needed since then; absent: the last token needed all that there are. */
  readonly fewerLanes?: { readonly lanes: number; readonly sinceMs: number };
  /** The latest generation that is in its lane. */
  readonly generation: number;
  /** How often what is published had to be published anew, as another value: settings changed it, or a late publish lies over it. */
  readonly changes?: number;
  /** When a failed publish is tried again. */
  readonly retryAtMs?: number;
  /** Since when pairs have waited for their lanes; absent: none waits. */
  readonly pendingSinceMs?: number;
  /** Why the last publish failed. */
  readonly reason?: FailureReason;
}

/** The current refresh token may have been spent by a post that got no definite answer. */
export interface Doubt {
  readonly sinceMs: number;
  /** The provider may still be busy with it: nobody posts the token before this. */
  readonly quietUntilMs?: number;
}

/** The provider has refused the current refresh token, once or more in a row (I8). */
export interface Refusals {
  readonly count: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

/** A report that the provider refused the token of a generation; `sinceMs`: since when such reports have gone on. */
export interface RefusedReport {
  readonly generation: number;
  readonly atMs: number;
  readonly sinceMs: number;
}

/** Reports of readers whose token the provider refused. */
export interface RefusedReports {
  readonly latest?: RefusedReport;
  /** When a report was last answered by a refresh. */
  readonly renewedAtMs?: number;
  /** Reports in a row, each about one of the last two tokens: the next is answered ever later. */
  readonly streak?: number;
}

/** Pairs and answers that are kept beside the current pair. */
export interface SetAside {
  readonly previous?: PreviousChain;
  /** Pairs that came too late to become current: tried before a lapse is declared. */
  readonly spares: readonly SealedPair[];
  /** Attempts whose pairs were current before, the latest last: what they spent is never tried again. */
  readonly past: readonly string[];
  /** A 2xx that could not be understood, sealed as it came: the latest. */
  readonly unreadable?: UnreadableAnswer;
  /** Those before it, the latest last: each may hold the refresh token that lives. */
  readonly unreadableBefore?: readonly UnreadableAnswer[];
  /** The pair of a login whose access token has not chosen its network yet: nobody reads it before it has. */
  readonly withoutNetwork?: SealedPair;
}

export type State = 'active' | 'paused' | 'lapsed' | 'removed';

/** The ledger's item of one credential: the truth about it. */
export interface CredentialRecord extends CredentialSettings, Revisioned {
  readonly state: State;
  readonly chain: string;
  /** Only ever grows, over chains and removals too. */
  readonly generation: number;
  /** The current pair; absent only in a removed credential. */
  readonly pair?: SealedPair;
  /** Where the current pair is published, and how far that is. */
  readonly publication: PublicationState;
  /** When the next post is wanted: half-life, or the end of a back-off. */
  readonly refreshAtMs: number;
  readonly attempt?: Attempt;
  readonly failure?: Failure;
  /** Since then the provider refuses the client secret that an update brought, and takes the one before it. */
  readonly clientRefusedAtMs?: number;
  /** Present while the current refresh token may have been spent unseen. */
  readonly doubt?: Doubt;
  /** Present while the provider refuses the current refresh token, before and after a lapse is declared. */
  readonly refusals?: Refusals;
  /** What readers said of refused tokens. */
  readonly reports: RefusedReports;
  /** What is not current and not forgotten. */
  readonly aside: SetAside;
  readonly lapse?: Lapse;
  readonly announced: Announced;
  /** What became of the last refreshes, and who changed what. */
  readonly history?: History;

  /** Copies for the index, set by {@link indexed} at every save. */
  readonly dueAtMs?: number;
  readonly deadlineMs?: number;
  readonly lapsingFromMs?: number;
  readonly bulkhead?: string;
  readonly failures?: number;
  readonly isolated?: boolean;
  readonly quotaKey?: string;
  readonly quotaPaceMs?: number;
  /** Why it needs attention, and what is counted and told of it then. */
  readonly attention?: Attention;
  readonly watched?: Watched;
  /** How long its access token lives; for the arithmetic of its quota. Absent: it has none. */
  readonly accessLifeMs?: number;
  /** How long each of its refresh tokens lives, for the same. Absent: not known, or a refresh does not move the end. */
  readonly refreshLifeMs?: number;
}

/** What a pair that becomes current, or a chain that begins, settles: trouble of the pair before says nothing of it. */
export const SETTLED = {
  attempt: undefined,
  doubt: undefined,
  refusals: undefined,
  failure: undefined,
  lapse: undefined,
} as const satisfies Partial<CredentialRecord>;

/** True if the credential publishes and its current pair (not a seed) is not published yet. */
export function publishPending(record: CredentialRecord): boolean {
  return (
    record.publish !== 'none' &&
    record.pair?.sealedAccess !== undefined &&
    record.publication.generation < record.generation
  );
}

/** True if the refresh token that it has now was answered with something that nobody could read, and that is kept. */
export function isAnsweredUnread({
  chain,
  generation,
  aside,
}: Pick<CredentialRecord, 'chain' | 'generation' | 'aside'>): boolean {
  return unreadableAnswersOf(aside).some((one) => one.chain === chain && one.generation === generation);
}

/** The answers that are kept because nobody could read them, the latest last. */
export function unreadableAnswersOf({
  unreadable,
  unreadableBefore = [],
}: Pick<SetAside, 'unreadable' | 'unreadableBefore'>): readonly UnreadableAnswer[] {
  return unreadable === undefined ? unreadableBefore : [...unreadableBefore, unreadable];
}

/** True if the attempt's pair is the current one. */
export function keptBy(record: CredentialRecord, attempt: string): boolean {
  return record.pair?.attempt === attempt;
}

/** The last moment that a `Date` can hold. */
export const NEVER_MS = 8_640_000_000_000_000;
