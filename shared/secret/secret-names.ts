/** Names of what holds a secret, without case, dashes and underscores. */
const SECRET_NAMES: ReadonlySet<string> = new Set([
  'accesstoken',
  'apisecret',
  'assertion',
  'clientassertion',
  'clientsecret',
  'pass',
  'passwd',
  'password',
  'refreshtoken',
  'secret',
  'token',
]);

/** True if something of this name holds a secret (`client_secret`, `--refresh-token`). Pure. */
export function isSecretName(name: string): boolean {
  return SECRET_NAMES.has(plainName(name));
}

/** The name as it is compared: without case, dashes and underscores. Pure. */
export function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '');
}
