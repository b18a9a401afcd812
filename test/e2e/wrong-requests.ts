import type { Shop } from './shop.ts';

export const MEBIBYTE = 1024 * 1024;
/** In every value that is refused, and in nothing that is said. */
export const SENTINEL = 'fake-sentinel-of-bad-input';

/** A registration that would be right, as it goes on the wire. */
export type Request = Readonly<Record<string, unknown>>;

/** Command lines that cannot be done, with what is said of each: some for the program to refuse, some for a function. */
export function wrongCommands({ id, tokenUrl }: Shop) {
  const secrets = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  const unknown = ['status', 'token', 'refresh', 'pause', 'resume', 'recover'].map((command) => ({
    words: [command, 'nobody'],
    stdin: '',
    exitCode: 1,
    says: /^renova: There is no credential "?nobody"?[.:]/,
  }));
  const usage = (words: readonly string[], says: RegExp, stdin: unknown = '') => ({
    words,
    stdin: secrets(stdin),
    exitCode: 2,
    says,
  });
  const failure = (words: readonly string[], says: RegExp, stdin: unknown = '') => ({
    ...usage(words, says, stdin),
    exitCode: 1,
  });
  const reseed = ['reseed', id, '--secrets', '-'];
  return [
    ...unknown,
    failure(
      ['remove', 'nobody', '--yes'],
      /There is no credential "nobody"\.\nSee which there are: npx renova list --local/,
    ),
    failure(['rescue', 'nobody', '--yes'], /There is no credential "nobody"\./),
    failure(['update', 'nobody', '--mode', 'fresh'], /There is no credential "nobody"\./),
    failure(
      ['rescue', id, '--yes'],
      /There is no unreadable answer of acme\.\nSee how it is: npx renova status acme/,
    ),
    failure(['token', id, '--min-ttl', '9999'], /min_ttl: at most half/),
    usage(['status', 'Not_An_Id!'], /the credential id must be 1 to 64 characters/),
    usage(['register', '../seal', '--secrets', '-'], /the credential id must be/),
    usage(['register', 'new', '--provider', SENTINEL], /--provider takes one of bs2/),
    usage(reseed, /must be JSON: /, `{"refresh_token": "${SENTINEL}`),
    usage(reseed, /no secrets came on standard input .*; expected as JSON: /, ''),
    usage(reseed, /must be a JSON object/, [SENTINEL]),
    usage(reseed, /a member that is not known: token/, { token: SENTINEL }),
    usage(reseed, /refresh_token must be text, and not empty/, { refresh_token: '' }),
    usage(reseed, /at most 64 KiB/, { refresh_token: SENTINEL.repeat(200_000) }),
    failure(
      reseed,
      /^renova: refresh_token: is missing; expected a new one, as the provider gives it at a login\.\n$/,
      {},
    ),
    failure(reseed, /^renova: refresh_token: expected at most 16384 characters\.\n$/, {
      refresh_token: SENTINEL.repeat(1000),
    }),
    failure(
      ['update', id, '--token-url', 'http://provider.example/token'],
      /^renova: token_url: expected https/,
    ),
    failure(
      ['update', id, '--token-url', `https://u:${SENTINEL}@provider.example/`],
      /^renova: token_url: expected no user/,
    ),
    failure(['update', id, '--token-url', `${tokenUrl}#x`], /^renova: token_url: expected no fragment/),
    failure(
      ['update', id, '--quota-limit', '1', '--quota-window', '600'],
      /^renova: quota: bs2 allows 1 request in 20 s/,
    ),
  ];
}

/** Registrations, each wrong in one way. */
export function wrongRegistrations(shop: Shop, { client, refresh_token }: Request) {
  const line = ['--scope', shop.scope, '--token-url', shop.tokenUrl, '--secrets', '-'];
  const register = (id: string, stdin: object, says: RegExp, more: readonly string[] = []) => ({
    words: ['register', id, ...line, ...more],
    stdin: JSON.stringify(stdin),
    exitCode: 1,
    says,
  });
  const whole = { client, refresh_token };
  return [
    register(
      'acme',
      whole,
      /^renova: acme is registered already\.\nChoose another id, or give it a new refresh token: npx renova reseed acme --local/,
    ),
    register('new', { client }, /^renova: refresh_token: is missing/),
    register('new', { refresh_token }, /^renova: client\.client_id: is missing/),
    register(
      'new',
      { client: { client_id: 'fake' }, refresh_token },
      /^renova: client\.client_secret: is missing/,
    ),
    register(
      'new',
      { client: { client_secret: SENTINEL }, refresh_token },
      /^renova: client\.client_id: is missing/,
    ),
    register('new', whole, /^renova: token_url: expected https/, [
      '--token-url',
      'http://provider.example/token',
    ]),
    register('new', whole, /^renova: token_url: expected an absolute URL/, ['--token-url', SENTINEL]),
  ];
}

/** What an operator's own program may send instead of what is right, by the member that is then named. */
export function wrongMembers(): readonly [field: string, more: object][] {
  return [
    ['action', { action: SENTINEL }],
    ['credential', { credential: SENTINEL.toUpperCase() }],
    ['credential', { credential: undefined }],
    ['provider', { provider: SENTINEL }],
    ['scope', { scope: undefined }],
    ['refresh_token', { refresh_token: '' }],
    ['refresh_token', { refresh_token: SENTINEL.repeat(5 * MEBIBYTE).slice(0, 5 * MEBIBYTE) }],
    ['client.client_secret', { client: { client_id: 'fake', client_secret: '' } }],
    ['token_url', { token_url: 'http://provider.example/token' }],
    ['mode', { mode: SENTINEL }],
    ['fake_member', { fake_member: SENTINEL }],
  ];
}
