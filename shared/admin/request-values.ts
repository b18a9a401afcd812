import * as v from 'valibot';
import { CREDENTIAL_ID } from '../config/names.ts';

const ID = 'an id that matches [a-z0-9][a-z0-9._-]{0,63}';
/** A credential's id, as every action names it. */
export const CredentialId = v.pipe(v.string(ID), v.regex(CREDENTIAL_ID, ID));

export const MostSecret = v.maxLength<string, 16_384, string>(16_384, 'at most 16384 characters');
export const Trimmed = v.check<string, string>(
  (text) => text.trim() === text,
  'has blanks or line breaks at its ends; remove them',
);
export const NoControls = v.check<string, string>(
  (text) => !/\p{Cc}/u.test(text),
  'has line breaks or other control characters; remove them',
);

export const Text = v.pipe(
  v.string('a string'),
  v.nonEmpty('a string that is not empty'),
  v.maxLength(4096, 'at most 4096 characters'),
);
/** Secrets: the message never repeats a value, and neither does the schema's own. */
export const SecretText = v.pipe(v.string('a string'), v.nonEmpty('a string that is not empty'), MostSecret);
/**
 * A secret that a provider made. What came along when it was pasted would be sent with it, and the refusal would end
 * the chain. A password is a person's own, and may have anything in it.
 */
export const IssuedSecret = v.pipe(SecretText, Trimmed, NoControls);
/** RFC 6749 appendix A.15: any characters but line breaks. */
export const Name = v.pipe(Text, NoControls);
export const TrimmedName = v.pipe(Text, Trimmed, NoControls);

export const Seconds = v.pipe(
  v.number('a number of seconds'),
  v.minValue(1, 'at least 1 second'),
  v.maxValue(10 * 366 * 86_400, 'at most 10 years'),
);

const MOMENT = 'a moment in RFC 3339, such as 2027-01-31T12:00:00Z';
const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;
/** A moment. The output is epoch milliseconds. */
export const Moment = v.pipe(
  v.string(MOMENT),
  v.regex(RFC_3339, MOMENT),
  v.transform((text) => Date.parse(text)),
  v.check((ms) => !Number.isNaN(ms), `expected ${MOMENT}`),
);

/** One of a closed list, with the list as the message. */
export function oneOf<const Members extends readonly [string, ...string[]]>(members: Members) {
  const [last, ...others] = [...members].reverse();
  return v.picklist(members, `${others.reverse().join(', ')} or ${last}`);
}

const RESERVED_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** True for a name that JavaScript gives a meaning of its own: a map would drop it, or hold something else. */
export function isReservedName(name: string): boolean {
  return RESERVED_NAMES.has(name);
}

/** An object of the caller's own names. The check runs before a schema can drop one of them. */
export const NamedMembers = v.pipe(
  v.unknown(),
  v.check((given) => !Array.isArray(given), 'expected an object of strings'),
  v.check(
    (given) => Object.keys(given ?? {}).every((name) => !isReservedName(name)),
    'takes no member called __proto__, constructor or prototype; leave it out',
  ),
  v.check(
    (given) => Object.keys(given ?? {}).every((name) => name.trim() !== ''),
    'has a member without a name; name it',
  ),
);
