import type { Members } from './find-tokens.ts';
import { JsonNumber, type JsonValue } from './json-values.ts';
import { plain } from './token-names.ts';

/** How an answer may state a life: names as {@link plain} compares them, the first that says something counts. */
interface LifeNames {
  /** Seconds, and the name says so: it counts before a name that does not. */
  readonly seconds: readonly string[];
  readonly milliseconds: readonly string[];
  /** Durations, in seconds unless another member shows that they are milliseconds. */
  readonly durations: readonly string[];
  /** The end as a moment: epoch seconds or milliseconds, RFC 3339, an HTTP date. */
  readonly moments: readonly string[];
}

const ACCESS_TOKEN_LIFE: LifeNames = {
  seconds: [
    'expiresinsec',
    'expiresinsecs',
    'expiresinseconds',
    'expiresseconds',
    'accesstokenexpiresinseconds',
  ],
  milliseconds: ['expiresinms', 'expiresinmillis', 'expiresinmilliseconds'],
  durations: [
    'expiresin',
    'expirein',
    'accesstokenexpiresin',
    'tokenexpiresin',
    'accessexpiresin',
    'expires',
    'expiry',
    'expiration',
  ],
  moments: [
    'expiresat',
    'expireat',
    'expireson',
    'expires',
    'expiry',
    'expiration',
    'expirydate',
    'expirationdate',
    'expirationtime',
    'expirytime',
    'expiresdate',
    'accesstokenexpiresat',
    'accesstokenexpireson',
    'accesstokenexpires',
    'accesstokenexpiry',
    'accesstokenexpiration',
    'accesstokenexpirationtime',
    'accessexpiresat',
    'tokenexpiresat',
    'tokenexpiry',
  ],
};

/** Keycloak, QuickBooks (`x_refresh_token_expires_in`), Microsoft, GitHub, and servers that say when. */
const REFRESH_TOKEN_LIFE: LifeNames = {
  seconds: [
    'refreshtokenexpiresinsec',
    'refreshtokenexpiresinsecs',
    'refreshtokenexpiresinseconds',
    'refreshexpiresinseconds',
  ],
  milliseconds: ['refreshtokenexpiresinms', 'refreshtokenexpiresinmillis', 'refreshexpiresinms'],
  durations: [
    'refreshtokenexpiresin',
    'refreshexpiresin',
    'xrefreshtokenexpiresin',
    'rtexpiresin',
    'refreshtokenlifetime',
    'refreshtokenvalidity',
    'refreshtokenvalidfor',
    'refreshtokenttl',
    'refreshtokenexpires',
  ],
  moments: [
    'refreshtokenexpiresat',
    'refreshtokenexpireat',
    'refreshtokenexpireson',
    'refreshtokenexpires',
    'refreshtokenexpiry',
    'refreshtokenexpirydate',
    'refreshtokenexpiration',
    'refreshtokenexpirationdate',
    'refreshtokenexpirationtime',
    'xrefreshtokenexpiresat',
    'refreshexpiresat',
    'refreshexpireson',
    'refreshexpiry',
    'refreshexpires',
  ],
};

/** When the token was made, by the answer's own words: `.issued`, `issued_at` (Salesforce: milliseconds as text). */
const ISSUED = ['issued', 'issuedat', 'issuedon', 'createdat', 'iat'];

/** What was made longer ago, or later, is something else (`created_at` of a user). */
const ISSUED_WITHIN_MS = 24 * 3600 * 1000;

/** Lifetimes above ten years are taken for a mistake. */
const MAX_LIFETIME_SECONDS = 10 * 366 * 24 * 3600;

/** Two statements of one life that differ by about this factor are in different units. */
const MILLISECONDS = { atLeast: 900, atMost: 1100 } as const;

/**
 * Whole seconds that the access token lives from the making of the answer on, as the answer states it; 0: it is at its
 * end, and must not be used; undefined: the answer states no life that can be understood.
 *
 * @param nowMs when the answer was made, by the provider's clock if it is known (wall time): a moment counts from there.
 */
export function accessTokenSeconds(members: Members, nowMs: number): number | undefined {
  return lifeSeconds(members, ACCESS_TOKEN_LIFE, nowMs);
}

/** The same of the refresh token. 0 is how Keycloak says that it has no end, so it is undefined here. */
export function refreshTokenSeconds(members: Members, nowMs: number): number | undefined {
  return lifeSeconds(members, REFRESH_TOKEN_LIFE, nowMs) || undefined;
}

function lifeSeconds(members: Members, names: LifeNames, nowMs: number): number | undefined {
  const byName = new Map([...members].map(([name, value]) => [plain(name), value]));
  const values = (among: readonly string[]) => among.flatMap((name) => byName.get(name) ?? []);
  const first = (seconds: readonly (number | undefined)[]) => seconds.find((life) => life !== undefined);
  const issued = values(ISSUED)
    .map(momentOf)
    .find((moment) => moment !== undefined && Math.abs(moment.ms - nowMs) < ISSUED_WITHIN_MS);
  const stated = first([
    ...values(names.seconds).map(durationSeconds),
    ...values(names.milliseconds).map((value) => thousandth(durationSeconds(value))),
  ]);
  if (stated !== undefined) return plausible(stated);
  const until = (value: JsonValue) => secondsUntil(value, issued, nowMs);
  const moment = first(values(names.moments).map(until));
  const duration = first(values(names.durations).map(durationSeconds));
  if (duration === undefined || !(duration <= MAX_LIFETIME_SECONDS)) {
    // A duration that is no duration may be a moment under the wrong name.
    return plausible(
      moment ??
        values(names.durations)
          .map(until)
          .find((seconds) => seconds),
    );
  }
  const isMilliseconds =
    moment !== undefined &&
    duration >= moment * MILLISECONDS.atLeast &&
    duration <= moment * MILLISECONDS.atMost;
  return plausible(isMilliseconds ? duration / 1000 : duration);
}

function plausible(seconds: number | undefined): number | undefined {
  if (seconds === undefined || !(seconds >= 0 && seconds <= MAX_LIFETIME_SECONDS)) return undefined;
  return Math.floor(seconds);
}

function thousandth(value: number | undefined): number | undefined {
  return value === undefined ? undefined : value / 1000;
}

const NUMBER_TEXT = /^\d+(?:\.\d+)?$/;
const WITH_UNIT =
  /^(\d+(?:\.\d+)?) ?(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)$/i;
const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `300`, `"300"`, `" 300.5 "`, `"5m"`, `"3600 seconds"`: seconds. Nothing negative: -1 is how some say "never". */
function durationSeconds(value: JsonValue): number | undefined {
  const text = textOf(value);
  if (NUMBER_TEXT.test(text)) return Number(text);
  const [, amount, unit = ''] = WITH_UNIT.exec(text) ?? [];
  if (amount === undefined) return value instanceof JsonNumber ? nonNegative(Number(text)) : undefined;
  if (/^m(?:s|illi)/i.test(unit)) return Number(amount) / 1000;
  return Number(amount) * (UNIT_SECONDS[unit.charAt(0).toLowerCase()] ?? Number.NaN);
}

function nonNegative(value: number): number | undefined {
  return value >= 0 ? value : undefined;
}

interface Moment {
  readonly ms: number;
  /** False: a date without a zone, which is read as UTC. */
  readonly zoned: boolean;
}

/**
 * From the making of the answer to the moment, or from the making of the token if that is later (the provider's clock
 * is ahead). A moment that has passed is 0, unless its zone is a guess; two dates without a zone have the same one.
 */
function secondsUntil(value: JsonValue, issued: Moment | undefined, nowMs: number): number | undefined {
  const moment = momentOf(value);
  if (moment === undefined) return undefined;
  const isSameZone = !moment.zoned && issued?.zoned === false;
  const fromMs = isSameZone ? issued.ms : Math.max(nowMs, issued?.ms ?? nowMs);
  const seconds = (moment.ms - fromMs) / 1000;
  if (seconds > 0) return seconds;
  return moment.zoned ? 0 : undefined;
}

// Seconds, milliseconds and microseconds since 1970 do not overlap between 2001 and 2286.
const EPOCH_SECONDS = { from: 1e9, to: 1e10 } as const;
const RFC_3339 = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)( ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?$/i;
const HTTP_DATE = /^[A-Z][a-z]{2,8}, .{9,24} (?:GMT|UTC|Z|[+-]\d{4})$/;
const ASCTIME_DATE = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [\d:]{8} \d{4}$/;
const DOTNET_DATE = /^\/Date\((\d+)(?:[+-]\d{4})?\)\/$/;

function momentOf(value: JsonValue): Moment | undefined {
  const text = textOf(value);
  if (NUMBER_TEXT.test(text)) return epochMoment(Number(text));
  const [, dotnetMs] = DOTNET_DATE.exec(text) ?? [];
  if (dotnetMs !== undefined) return { ms: Number(dotnetMs), zoned: true };
  const [, date, time, zone] = RFC_3339.exec(text) ?? [];
  if (date)
    return dated(`${date}T${time}${zone?.trim().replace(/^(?:UTC|GMT)$/i, 'Z') ?? 'Z'}`, zone !== undefined);
  if (HTTP_DATE.test(text)) return dated(text, true);
  return ASCTIME_DATE.test(text) ? dated(`${text} GMT`, true) : undefined;
}

function epochMoment(value: number): Moment | undefined {
  const factor = [1000, 1, 1 / 1000].find((each) => {
    const seconds = (value * each) / 1000;
    return seconds >= EPOCH_SECONDS.from && seconds < EPOCH_SECONDS.to;
  });
  return factor === undefined ? undefined : { ms: value * factor, zoned: true };
}

function dated(text: string, zoned: boolean): Moment | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : { ms, zoned };
}

function textOf(value: JsonValue): string {
  if (value instanceof JsonNumber) return value.text;
  return typeof value === 'string' ? value.trim() : '';
}
