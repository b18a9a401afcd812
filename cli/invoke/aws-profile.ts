import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CommandFailure } from '../errors.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The SDK says of a profile that does not exist that it has no region, or no credentials. Rejects with a
 * {@link CommandFailure} if `AWS_PROFILE` names one that neither of AWS's files has.
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
 */
export async function assertProfileExists(variables: Variables = process.env): Promise<void> {
  const { AWS_PROFILE: profile } = variables;
  if (!profile || profile === 'default') return;
  const home = variables.HOME || variables.USERPROFILE || homedir();
  const files = [
    variables.AWS_CONFIG_FILE || join(home, '.aws', 'config'),
    variables.AWS_SHARED_CREDENTIALS_FILE || join(home, '.aws', 'credentials'),
  ];
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  if (texts.flatMap(profilesIn).includes(profile)) return;
  throw new CommandFailure(
    'no-profile',
    'The profile in AWS_PROFILE does not exist',
    `Neither ${files.join(' nor ')} has it. See those that there are: aws configure list-profiles`,
  );
}

/** The names of a file's sections: `[profile acme]` and `[acme]` are the profile acme. */
function profilesIn(text: string): string[] {
  return [...text.matchAll(/^\s*\[\s*(?:profile\s+)?"?([^\]"]+?)"?\s*\]/gm)].map(([, name = '']) => name);
}
