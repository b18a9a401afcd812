import * as v from 'valibot';
import { invalidParameter } from '../errors.ts';
import { text, wholeNumber } from '../fields.ts';
import { defineOperation } from '../operation.ts';

const LOWERCASE = 'abcdefghijklmnopqrstuvwxyz';
const UPPERCASE = LOWERCASE.toUpperCase();
const NUMBERS = '0123456789';
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

const request = v.object({
  PasswordLength: v.optional(wholeNumber(1, 4096), 32),
  ExcludeCharacters: v.optional(text(0, 4096), ''),
  ExcludeNumbers: v.optional(v.boolean(), false),
  ExcludePunctuation: v.optional(v.boolean(), false),
  ExcludeUppercase: v.optional(v.boolean(), false),
  ExcludeLowercase: v.optional(v.boolean(), false),
  IncludeSpace: v.optional(v.boolean(), false),
  RequireEachIncludedType: v.optional(v.boolean(), true),
});

/**
 * GetRandomPassword: 32 characters of lowercase, uppercase, digits and punctuation, at least one of each,
 * unless the request says otherwise. Rejects with `InvalidParameterException` when nothing is left to choose
 * from, or the length cannot hold one of each type.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html
 */
export const getRandomPassword = defineOperation(request, ({ random }, input) => {
  const types = includedTypes(input);
  if (types.length === 0) {
    throw invalidParameter('Every character is excluded. Include at least one character type.');
  }
  const required = input.RequireEachIncludedType ? types : [];
  if (required.length > input.PasswordLength) {
    throw invalidParameter(
      `PasswordLength must be at least ${required.length} to hold one character of each included type.`,
    );
  }
  const below = (bound: number) => random(4).readUInt32BE() % bound;
  const pick = (characters: string) => characters.charAt(below(characters.length));
  const all = types.join('');

  const characters = required.map(pick);
  while (characters.length < input.PasswordLength) characters.push(pick(all));
  return { RandomPassword: shuffled(characters, below).join('') };
});

function includedTypes(input: v.InferOutput<typeof request>): string[] {
  const types = [
    input.ExcludeLowercase ? '' : LOWERCASE,
    input.ExcludeUppercase ? '' : UPPERCASE,
    input.ExcludeNumbers ? '' : NUMBERS,
    input.ExcludePunctuation ? '' : PUNCTUATION,
    input.IncludeSpace ? ' ' : '',
  ];
  const allowed = (character: string) => !input.ExcludeCharacters.includes(character);
  return types.map((type) => [...type].filter(allowed).join('')).filter((type) => type.length > 0);
}

/** The required characters come first otherwise. */
function shuffled(characters: readonly string[], below: (bound: number) => number): string[] {
  const result: string[] = [];
  for (const character of characters) result.splice(below(result.length + 1), 0, character);
  return result;
}
