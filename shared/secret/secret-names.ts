/** Whole names of what holds a secret, as {@link plainName} compares them, where no ending tells it. */
const SECRET_NAMES: ReadonlySet<string> = new Set([
  'auth',
  'credentials',
  'hmac',
  'otp',
  'p12',
  'pass',
  'passw',
  'pfx',
  'pin',
  'pkcs12',
  'pwd',
  'samlresponse',
  'setcookie',
  'sid',
  'sig',
  'totp',
  'xauth',
]);

/** How names end that hold a secret, whatever they begin with: `aws_secret_access_key`, `x-vault-token`. */
const SECRET_ENDING = new RegExp(
  [
    '(?:secret|token|password|passwd|pwd|passphrase|passcode|passkey|senha|contrasena)',
    '(?:signature|assertion|cookie|jwt|bearer|authorization|authentication|sessionid|sessid)',
    '(?:access|account|admin|api|app|auth|cipher|encryption|functions?|hmac|host|licen[cs]e|master|private|secret)key',
    '(?:security|service|session|shared|signing|storage|subscription|symmetric)key',
    '(?:auth|authorization|backup|mfa|onetime|otp|pin|recovery|security|verification)code',
  ]
    .map((ending) => `${ending}$`)
    .join('|'),
);

/** What may follow the name of a secret and leaves it one: `password2`, `client_secret_value`. */
const COUNTED = /(?:text|value)?\d*$/;

/** Names that tell whether a secret is wanted, and are none: `include_refresh_token`, `Enable-JWT`. */
const ASKS_FOR_ONE = /^(?:accept|disable|enable|include|issue|need|request|require|return|use|want|with)s?$/;
const FIRST_WORD = /^\p{L}\p{Ll}*/u;

/** True if something of this name holds a secret (`client_secret`, `--refresh-token`, `x-goog-api-key`). Pure. */
export function isSecretName(name: string): boolean {
  const plain = plainName(name);
  const bare = plain.replace(COUNTED, '');
  if (SECRET_NAMES.has(plain) || SECRET_NAMES.has(bare)) return true;
  return SECRET_ENDING.test(bare) && !ASKS_FOR_ONE.test(firstWord(name));
}

function firstWord(name: string): string {
  const [word] = FIRST_WORD.exec(name.trim()) ?? [''];
  return word.toLowerCase();
}

/** A JWT or another token of three parts or more, a private key, or what follows a scheme in `Authorization`. */
const SECRET_VALUE =
  /(?:^|[^\w-])eyJ[\w-]+\.[\w-]*\.[\w-]*|-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----|^\s*(?:basic|bearer|dpop)\s+\S/i;

/** True if a text is a secret by its looks, whatever its name. Pure. */
export function isSecretValue(text: string): boolean {
  return SECRET_VALUE.test(text);
}

/**
 * The name as it is compared: letters and digits alone, without case and accents. What a server may drop from a name
 * (blanks, brackets, characters of no width) makes no other name of it. Pure.
 */
export function plainName(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
}
