import type { EventType } from '../config/events.ts';
import type { Timing } from '../config/timing.ts';
import { canLogIn } from '../token-endpoint/grant.ts';
import { type Announced, type CredentialRecord, publishPending, type ToldTrouble } from './credential.ts';
import { beginEpisode, type Episode, endsAtMs } from './episode.ts';
import { type Trouble, troubleOf } from './trouble.ts';

/** Detail types of the events that are told of one credential. */
export type CredentialEventType = Exclude<EventType, 'Provider Failing' | 'Test Alert'>;

/** Something that the operator or the readers should be told of, from `atMs` on, and what is then remembered. */
export interface Announcement {
  /** Absent: nobody is told, it is only remembered. */
  readonly type?: CredentialEventType;
  readonly atMs: number;
  readonly told: Partial<Announced>;
  readonly hoursLeft?: number;
  readonly daysLeft?: number;
  readonly trouble?: Trouble;
}

/** Hours before the end of a refresh token at which the operator is warned, if it lives for two hours or more. */
export const WARNING_HOURS = [24, 12, 6, 1] as const;
/** Days before the end of a client secret at which the operator is warned. */
export const WARNING_DAYS = [30, 14, 7, 1] as const;

const MINUTE_MS = 60 * 1000;
const HOUR_MS = 60 * MINUTE_MS;
/** Publishing takes seconds, and the next tick repairs it; what waits for longer is told. */
const UNPUBLISHED_TICKS = 2;
/** So long a provider may take to know a new client secret, which is tried every ten minutes. */
export const CLIENT_REFUSED_TICKS = 15;

/**
 * What is still to be told about a credential: decided from the record alone by comparing what is with what
 * was announced, so that each change is told once, survives a crash, and waits for a bus that is away.
 */
export function announcements(record: CredentialRecord, timing: Timing): readonly Announcement[] {
  if (record.state === 'removed') return [];
  return [
    refreshed(record),
    // Before what fails: of two of one type the last is told.
    clientRefused(record, timing),
    inTrouble(record, timing),
    unpublished(record, timing),
    ...lapsing(record, timing),
    ...clientExpiring(record, timing),
    reportedRefused(record),
    recovered(record, timing),
    publishedAgain(record, timing),
  ].filter((announcement) => announcement !== undefined);
}

/** The moments before the end of the current refresh token at which a warning is due, the earliest first. */
export function warningTimesMs(record: CredentialRecord, timing: Timing): { hours: number; atMs: number }[] {
  const { pair } = record;
  const endMs = pair?.refreshTokenExpiresAtMs;
  if (!pair || endMs === undefined || canLogIn(record.grant)) return [];
  const lifeMs = endMs - (pair.refreshTokenSinceMs ?? pair.issuedAtMs);
  return warningHours(lifeMs * timing.scale).map((hours) => ({
    hours,
    atMs: endMs - (hours * HOUR_MS) / timing.scale,
  }));
}

/** A warning that leaves less time than this helps nobody. */
const LEAST_WARNING_MINUTES = 2;

/**
 * The thresholds that fit a life: those in its second half, because a token that never lives that long is not in danger
 * when less is left. For one of less than two hours, when a quarter of it is left, in whole minutes.
 */
function warningHours(lifeMs: number): readonly number[] {
  const fitting = WARNING_HOURS.filter((hours) => hours * HOUR_MS <= lifeMs / 2);
  if (fitting.length > 0) return fitting;
  const minutes = Math.floor(lifeMs / 4 / MINUTE_MS);
  return minutes < LEAST_WARNING_MINUTES ? [] : [minutes / 60];
}

function refreshed(record: CredentialRecord): Announcement | undefined {
  const { pair, generation, announced } = record;
  if (!pair?.sealedAccess || announced.generation >= generation) return undefined;
  if (record.publish !== 'none' && record.publication.generation < generation) return undefined;
  return { type: 'Token Refreshed', atMs: pair.issuedAtMs, told: { generation } };
}

const TYPES = {
  failing: 'Refresh Failing',
  misconfigured: 'Credential Misconfigured',
  lapsed: 'Credential Lapsed',
} as const satisfies Record<ToldTrouble['kind'], CredentialEventType>;

function inTrouble(record: CredentialRecord, timing: Timing): Announcement | undefined {
  const trouble = troubleOf(record, timing);
  if (!trouble) return undefined;
  const { announced } = record;
  const { trouble: told } = announced;
  const { kind, sinceMs, tellAtMs } = trouble;
  if (told && isTold(told, trouble, record)) {
    // Together with others of its provider, for as long as that was foreseen to count.
    if (told.coveredUntilMs !== undefined && kind !== 'lapsed') {
      const again: ToldTrouble = { ...told, kind, coveredUntilMs: undefined, wellSinceMs: undefined };
      const atMs = Math.max(told.coveredUntilMs, tellAtMs);
      return { type: TYPES[kind], atMs, told: { trouble: again }, trouble };
    }
    if (told.wellSinceMs === undefined) return undefined;
    return { atMs: tellAtMs, told: { trouble: { ...told, wellSinceMs: undefined } } };
  }
  const isNew = !told || kind === 'lapsed' || told.kind === 'lapsed';
  const episode = isNew ? beginEpisode(sinceMs, announced.troubleEnded, timing) : told;
  const kinds = isNew ? [kind] : [...told.kinds, kind];
  const next: ToldTrouble = { ...episode, kind, kinds, coveredUntilMs: undefined, wellSinceMs: undefined };
  return { type: TYPES[kind], atMs: tellAtMs, told: { trouble: next }, trouble };
}

/** Each kind is told once in an episode, an end of a chain once for each pair that has met it. */
function isTold(told: ToldTrouble, { kind }: Trouble, { pair }: CredentialRecord): boolean {
  if (kind === 'lapsed') return told.kind === 'lapsed' && told.sinceMs >= (pair?.issuedAtMs ?? 0);
  return told.kind !== 'lapsed' && told.kinds.includes(kind);
}

function recovered(record: CredentialRecord, timing: Timing): Announcement | undefined {
  const { state, failure, announced, pair } = record;
  const { trouble: told } = announced;
  if (!told || state !== 'active' || failure || !pair?.sealedAccess || pair.unprintable) return undefined;
  // Nothing has come of it until there is a newer pair.
  if (pair.issuedAtMs <= told.sinceMs) return undefined;
  const announcement = endOfTrouble(told, pair.issuedAtMs, timing);
  // If the pair ends unrenewed before, it is not over.
  const next = troubleOf(record, timing);
  return next && next.tellAtMs <= announcement.atMs ? undefined : announcement;
}

/** When it is over: at once for a lapse, which does not come and go; unsaid while the provider's own alert covers it. */
function endOfTrouble(told: ToldTrouble, wellMs: number, timing: Timing): Announcement {
  const ended = { trouble: undefined };
  if (told.coveredUntilMs !== undefined) return { atMs: wellMs, told: ended };
  if (told.kind === 'lapsed') return { type: 'Credential Recovered', atMs: wellMs, told: ended };
  return over('trouble', told, wellMs, timing);
}

function unpublished(record: CredentialRecord, timing: Timing): Announcement | undefined {
  const { announced, publication } = record;
  const sinceMs = publication.pendingSinceMs;
  if (!publishPending(record) || sinceMs === undefined || record.state === 'lapsed') return undefined;
  const atMs = sinceMs + UNPUBLISHED_TICKS * timing.tickMs;
  const { unpublished: told } = announced;
  if (!told) {
    const episode = beginEpisode(sinceMs, announced.unpublishedEnded, timing);
    return { type: 'Token Unpublished', atMs, told: { unpublished: episode } };
  }
  if (told.coveredUntilMs !== undefined) {
    const again = { ...told, coveredUntilMs: undefined, wellSinceMs: undefined };
    const againMs = Math.max(atMs, told.coveredUntilMs);
    return { type: 'Token Unpublished', atMs: againMs, told: { unpublished: again } };
  }
  return told.wellSinceMs === undefined
    ? undefined
    : { atMs, told: { unpublished: { ...told, wellSinceMs: undefined } } };
}

function publishedAgain(record: CredentialRecord, timing: Timing): Announcement | undefined {
  const { announced, pair } = record;
  const { unpublished: told } = announced;
  if (!told || !pair || publishPending(record)) return undefined;
  // Told together with others, and so is its end.
  if (told.coveredUntilMs !== undefined) return { atMs: pair.issuedAtMs, told: { unpublished: undefined } };
  return over('unpublished', told, Math.max(pair.issuedAtMs, told.sinceMs), timing);
}

/** An episode seems to be over: told when its calm has passed, remembered until then. */
function over(
  member: 'trouble' | 'unpublished',
  told: Episode,
  wellMs: number,
  timing: Timing,
): Announcement {
  const atMs = endsAtMs(told, wellMs, timing);
  if (atMs > wellMs && told.wellSinceMs === undefined) {
    return { atMs: wellMs, told: { [member]: { ...told, wellSinceMs: wellMs } } };
  }
  const ended = { atMs, turns: told.turns ?? 0 };
  return {
    type: 'Credential Recovered',
    atMs,
    told: { [member]: undefined, [`${member}Ended`]: ended },
  };
}

/** One for each threshold that is not told yet; of several that have passed, only the last is worth telling. */
function lapsing(record: CredentialRecord, timing: Timing): readonly Announcement[] {
  const { state, pair, announced } = record;
  const endMs = pair?.refreshTokenExpiresAtMs;
  if (state === 'lapsed' || endMs === undefined) return [];
  const warnedHours = isSameEnd(announced.warnedEndMs, endMs, timing) ? announced.warnedHours : undefined;
  return warningTimesMs(record, timing)
    .filter(({ hours }) => warnedHours === undefined || hours < warnedHours)
    .map(({ hours, atMs }) => ({
      type: 'Refresh Token Lapsing',
      atMs,
      told: { warnedHours: hours, warnedEndMs: endMs },
      hoursLeft: hours,
    }));
}

/**
 * An end that no refresh moves is stated anew with each answer, in whole seconds from when that was made: what differs by
 * moments is the same one, and its warnings are told once.
 */
function isSameEnd(warnedEndMs: number | undefined, endMs: number, { tickMs }: Timing): boolean {
  return warnedEndMs !== undefined && Math.abs(warnedEndMs - endMs) <= tickMs;
}

/** The same for the registered end of the client secret; that of an app is told once, for all of its credentials. */
function clientExpiring(record: CredentialRecord, timing: Timing): readonly Announcement[] {
  const { app, clientExpiresAtMs: endMs, announced } = record;
  if (app !== undefined || endMs === undefined) return [];
  const told = announced.client?.endMs === endMs ? announced.client.days : undefined;
  return WARNING_DAYS.filter((days) => told === undefined || days < told).map((days) => ({
    type: 'Client Secret Expiring',
    atMs: endMs - (days * 24 * HOUR_MS) / timing.scale,
    told: { client: { days, endMs } },
    daysLeft: days,
  }));
}

/**
 * A new client secret that the provider goes on to refuse, while the one before it is used; once for each; of an
 * app once for all of its credentials.
 */
function clientRefused(record: CredentialRecord, timing: Timing): Announcement | undefined {
  const { app, clientRefusedAtMs, announced } = record;
  if (app !== undefined || clientRefusedAtMs === undefined) return undefined;
  if (announced.clientRefusedAtMs === clientRefusedAtMs) return undefined;
  const atMs = clientRefusedAtMs + CLIENT_REFUSED_TICKS * timing.tickMs;
  return { type: 'Credential Misconfigured', atMs, told: { clientRefusedAtMs } };
}

function reportedRefused({ reports, announced }: CredentialRecord): Announcement | undefined {
  const { latest } = reports;
  if (!latest || announced.refusedSinceMs === latest.sinceMs) return undefined;
  const told = { refusedSinceMs: latest.sinceMs };
  return { type: 'Token Reported Refused', atMs: latest.atMs, told };
}
