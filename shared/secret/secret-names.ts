/** Names of what holds a secret, without case, dashes and underscores. */
const SECRET_NAMES: ReadonlySet<string> = new Set([
  'accesskey',
  'accesstoken',
  'actortoken',
  'apikey',
  'apisecret',
  'apitoken',
  'assertion',
  'auth',
  'authorization',
  'authtoken',
  'bearer',
  'clientassertion',
  'clientsecret',
  'cookie',
  'credentials',
  'idtoken',
  'otp',
  'pass',
  'passcode',
  'passphrase',
  'passwd',
  'password',
  'pin',
  'privatekey',
  'proxyauthorization',
  'pwd',
  'refreshtoken',
  'secret',
  'secretkey',
  'sessiontoken',
  'setcookie',
  'sharedsecret',
  'sig',
  'signature',
  'subjecttoken',
  'subscriptionkey',
  'token',
  'totp',
  'xapikey',
  'xauthtoken',
]);

/** True if something of this name holds a secret (`client_secret`, `--refresh-token`). Pure. */
export function isSecretName(name: string): boolean {
  return SECRET_NAMES.has(plainName(name));
}

/**
 * The name as it is compared: letters and digits alone, without case. What a server may drop from a name (blanks,
 * brackets, characters of no width) makes no other name of it. Pure.
 */
export function plainName(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
}
