import { Option } from 'commander';
import { CREDENTIAL_ID } from '../shared/config/names.ts';
import { UsageError } from './errors.ts';

// Commander's own errors repeat the value that was refused. A value may be a secret that was given in the
// wrong place, so every value is read here, and no message repeats one.

/** An option that takes one of `values`. */
export function oneOf(flags: string, description: string, values: readonly string[]): Option {
  const option = new Option(flags, description).argParser((text: string) => {
    if (!values.includes(text)) throw new UsageError(`${longName(flags)} takes one of ${values.join(', ')}`);
    return text;
  });
  option.argChoices = [...values];
  return option;
}

/** An option that takes a whole number in a range. */
export function wholeNumber(
  flags: string,
  description: string,
  { least = 1, most = 999_999_999 }: { readonly least?: number; readonly most?: number } = {},
): Option {
  return new Option(flags, description).argParser((text: string) => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new UsageError(`${longName(flags)} takes a whole number from ${least} to ${most}`);
  });
}

/** Reads a credential id. Throws a {@link UsageError}. */
export function credentialId(text: string): string {
  if (CREDENTIAL_ID.test(text)) return text;
  throw new UsageError(
    'the credential id must be 1 to 64 characters of a-z, 0-9, ".", "_" and "-", and begin with a letter or digit',
  );
}

/** Reads the name of an app. Throws a {@link UsageError}. */
export function appName(text: string): string {
  if (CREDENTIAL_ID.test(text)) return text;
  throw new UsageError(
    'the name of an app must be 1 to 64 characters of a-z, 0-9, ".", "_" and "-", and begin with a letter or digit',
  );
}

function longName(flags: string): string {
  return /--[a-z-]+/.exec(flags)?.[0] ?? flags;
}
