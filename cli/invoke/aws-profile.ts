import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CommandFailure } from '../errors.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The SDK says of a profile that does not exist that it has no region, or no credentials. Rejects with a
 * {@link CommandFailure} if `AWS_PROFILE` names one that neither of AWS's files has, or one whose `source_profile`
 * neither has.
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
  const sources = sourcesIn(texts);
  let title = 'The profile in AWS_PROFILE';
  const seen = new Set<string>();
  for (let name: string | undefined = profile; name !== undefined && !seen.has(name); ) {
    if (!sources.has(name)) {
      throw new CommandFailure(
        'no-profile',
        `${title} does not exist`,
        `Neither ${files.join(' nor ')} has it. See those that there are: aws configure list-profiles`,
      );
    }
    seen.add(name);
    name = sources.get(name);
    title = 'The source_profile of the profile in AWS_PROFILE';
  }
}

/** The profiles of both files, each with its `source_profile`. `[profile acme]` and `[acme]` are the profile acme. */
function sourcesIn(texts: readonly string[]): Map<string, string | undefined> {
  const sources = new Map<string, string | undefined>();
  for (const text of texts) {
    let profile: string | undefined;
    for (const line of text.split('\n')) {
      const title = /^\s*\[\s*(?:profile\s+)?"?([^\]"]+?)"?\s*\]/.exec(line)?.[1];
      const source = /^source_profile\s*=\s*(.*?)\s*$/.exec(line)?.[1];
      if (title !== undefined) {
        profile = title;
        sources.set(title, sources.get(title));
      } else if (profile !== undefined && source) sources.set(profile, source);
    }
  }
  return sources;
}
