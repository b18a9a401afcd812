import { type CredentialRecord, NEVER_MS } from './credential.ts';
import { MODES, PUBLISHED_PARTS } from './settings.ts';

type Rule = readonly [member: string, holds: boolean];

/**
 * The member by which a stored record is none that Renova could have written (`pair.expiresAtMs`); undefined: it is as it
 * should be. Only a hand or a defect damages a record, and then nothing else of it can be relied on. Pure.
 */
export function faultOf(record: CredentialRecord): string | undefined {
  if (record.state === 'removed') return undefined;
  const rules = [...ownRules(record), ...pairRules(record), ...tellingRules(record)];
  return rules.find(([, holds]) => !holds)?.[0];
}

function ownRules(record: CredentialRecord): Rule[] {
  const { state, chain, generation, mode, publish, provider, tokenUrl, grant, quota, publication } = record;
  return [
    ['state', isOneOf(['active', 'paused', 'lapsed'], state)],
    ['chain', isText(chain)],
    ['generation', isCount(generation)],
    ['mode', isOneOf(MODES, mode)],
    ['publish', isOneOf(PUBLISHED_PARTS, publish)],
    ['provider', isText(provider)],
    ['tokenUrl', isText(tokenUrl)],
    ['grant', isText(grant)],
    ['quota', isAbsentOr(isObject, quota)],
    ['quota.key', !quota || isText(quota.key)],
    ['quota.limit', !quota || isPositive(quota.limit)],
    ['quota.windowMs', !quota || isPositive(quota.windowMs)],
    ['defaultAccessTokenMs', isPositive(record.defaultAccessTokenMs)],
    ['refreshTokenMs', isAbsentOr(isPositive, record.refreshTokenMs)],
    ['extra', isObject(record.extra)],
    ['refreshAtMs', isTime(record.refreshAtMs)],
    ['accessLifeMs', isAbsentOr(isTime, record.accessLifeMs)],
    ['refreshLifeMs', isAbsentOr(isTime, record.refreshLifeMs)],
    ['publication', isObject(publication)],
    ['publication.lanes', isCount(publication?.lanes) && publication.lanes >= 1],
    ['publication.generation', isWhole(publication?.generation) && publication.generation <= generation],
  ];
}

function pairRules({ pair, chain, generation, aside }: CredentialRecord): Rule[] {
  return [
    ['pair', isObject(pair)],
    ['pair.chain', pair?.chain === chain],
    ['pair.generation', pair?.generation === generation],
    ['pair.issuedAtMs', isTime(pair?.issuedAtMs)],
    ['pair.expiresAtMs', isTime(pair?.expiresAtMs)],
    ['pair.refreshAfterMs', isTime(pair?.refreshAfterMs)],
    ['pair.refreshTokenExpiresAtMs', isAbsentOr(isTime, pair?.refreshTokenExpiresAtMs)],
    ['pair.refreshTokenSinceMs', isAbsentOr(isTime, pair?.refreshTokenSinceMs)],
    ['aside', isObject(aside)],
    ['aside.spares', isListOf(isObject, aside?.spares)],
    ['aside.past', isListOf(isText, aside?.past)],
  ];
}

function tellingRules(record: CredentialRecord): Rule[] {
  const { attempt, failure, doubt, refusals, lapse, state, reports, announced, history } = record;
  return [
    ['attempt', isAbsentOr(isObject, attempt)],
    ['attempt.leaseUntilMs', !attempt || isTime(attempt.leaseUntilMs)],
    ['failure', isAbsentOr(isObject, failure)],
    ['failure.sinceMs', !failure || isTime(failure.sinceMs)],
    ['doubt', isAbsentOr(isObject, doubt)],
    ['refusals', isAbsentOr(isObject, refusals)],
    ['lapse', state === 'lapsed' ? isObject(lapse) : lapse === undefined],
    ['lapse.atMs', !lapse || isTime(lapse.atMs)],
    ['reports', isObject(reports)],
    ['history', isAbsentOr(isObject, history)],
    ['history.outcomes', !history || isListOf(isText, history.outcomes)],
    ['history.changes', !history || isListOf(isText, history.changes)],
    ['announced', isObject(announced)],
    ['announced.trouble', isAbsentOr(isObject, announced?.trouble)],
    ['announced.trouble.kinds', !announced?.trouble || isListOf(isText, announced.trouble.kinds)],
    ['announced.troubleEnded', isAbsentOr(isObject, announced?.troubleEnded)],
    ['announced.unpublished', isAbsentOr(isObject, announced?.unpublished)],
    ['announced.unpublishedEnded', isAbsentOr(isObject, announced?.unpublishedEnded)],
  ];
}

// `unknown`: the types say what was written, not what is there.
const isText = (value: unknown) => typeof value === 'string' && value !== '';
const isWhole = (value: unknown) => Number.isSafeInteger(value);
const isCount = (value: unknown) => isWhole(value) && Number(value) >= 0;
const isPositive = (value: unknown) => Number.isFinite(value) && Number(value) > 0;
/** True for a moment that a `Date` can hold (epoch ms). */
export const isTime = (value: unknown): boolean =>
  Number.isFinite(value) && Math.abs(Number(value)) <= NEVER_MS;
const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isOneOf = (known: readonly string[], value: unknown) =>
  typeof value === 'string' && known.includes(value);
const isListOf = (holds: (value: unknown) => boolean, value: unknown) =>
  Array.isArray(value) && value.every(holds);
const isAbsentOr = (holds: (value: unknown) => boolean, value: unknown) =>
  value === undefined || holds(value);
