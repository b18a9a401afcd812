/** The account that every ARN of the emulator names. */
const ACCOUNT_ID = '000000000000';

const SUFFIX_LENGTH = 6;
const SUFFIX_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const ARN = /^arn:aws[a-z-]*:secretsmanager:[^:]*:([^:]*):secret:(.+)$/;

/**
 * The ARN of a new secret: its name and six random characters, so that a secret created again under the
 * same name is another one to every policy. `random` gives that many random bytes.
 */
export function newArn(region: string, name: string, random: (bytes: number) => Buffer): string {
  const suffix = [...random(SUFFIX_LENGTH)].map((byte) => SUFFIX_ALPHABET[byte % SUFFIX_ALPHABET.length]);
  return `arn:aws:secretsmanager:${region}:${ACCOUNT_ID}:secret:${name}-${suffix.join('')}`;
}

/** Whether a SecretId means to be an ARN rather than a name. */
export function isArn(secretId: string): boolean {
  return secretId.startsWith('arn:');
}

/**
 * The names that an ARN can mean, likeliest first: without its suffix (full ARN), then as it stands
 * (partial ARN). `suffixed` says that the secret's own ARN must end in this resource. Regions share their
 * secrets here, so the region is not compared; another account's ARN means nothing.
 */
export function namesOfArn(arn: string): { name: string; suffixed?: string }[] {
  const [, account, resource] = ARN.exec(arn) ?? [];
  if (account !== ACCOUNT_ID || resource === undefined) return [];
  const full = /^(.+)-[A-Za-z0-9]{6}$/.exec(resource);
  const partial = { name: resource };
  return full?.[1] === undefined ? [partial] : [{ name: full[1], suffixed: resource }, partial];
}
