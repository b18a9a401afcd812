import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { run } from '../../cli/program.ts';
import { AdminError } from '../../shared/admin/admin-error.ts';
import { systemClock } from '../../shared/clock/system-clock.ts';
import type { TokenRequest } from '../../shared/token-endpoint/token-endpoint.ts';
import { AdminWorld, CLIENT } from '../unit/admin/admin-world.ts';
import { runCommand } from './run-command.ts';

const QUICKBOOKS = ['--provider', 'quickbooks', '--env', 'prd'];

/** A provider with a login page, as it is seen from the token endpoint and from the browser. */
class LoginProvider {
  readonly admin = new AdminWorld();
  /** The code of each login: its challenge and its redirect. */
  readonly #codes = new Map<string, { challenge: string; redirectUri: string; isSpent: boolean }>();
  readonly asked: URL[] = [];
  /** What the browser does with the redirect, if it is not to follow it. */
  decide: (redirect: URL) => URL | undefined = (redirect) => redirect;
  exchanged = 0;

  constructor() {
    const { provider, endpoint } = this.admin.world;
    endpoint.playAlways((request: TokenRequest) => {
      if (!request.code || 'deviceCode' in request.code) return provider.answer(request);
      const { code, redirectUri, codeVerifier } = request.code;
      const known = this.#codes.get(code.reveal());
      const challenge = createHash('sha256').update(codeVerifier.reveal()).digest('base64url');
      const isRight = known && !known.isSpent && known.challenge === challenge;
      if (!isRight || known.redirectUri !== redirectUri || request.client.clientId !== CLIENT.client_id) {
        return { kind: 'refused-grant', reason: 'invalid_grant' };
      }
      known.isSpent = true;
      this.exchanged += 1;
      return provider.answer({ ...request, refreshToken: provider.login() });
    });
  }

  /** Where the browser ends that was sent to `href`. */
  redirectOf(href: string): URL | undefined {
    const url = new URL(href);
    this.asked.push(url);
    const given = (name: string) => url.searchParams.get(name) ?? '';
    const code = `fake-sentinel-code-${this.asked.length}`;
    this.#codes.set(code, {
      challenge: given('code_challenge'),
      redirectUri: given('redirect_uri'),
      isSpent: false,
    });
    const redirect = new URL(given('redirect_uri'));
    for (const [name, value] of Object.entries({ code, state: given('state'), realmId: '4620816365' })) {
      redirect.searchParams.set(name, value);
    }
    return this.decide(redirect);
  }
}

async function renova(provider: LoginProvider, line: readonly string[], around: Around = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const requests: Readonly<Record<string, unknown>>[] = [];
  const exitCode = await run(line, {
    clock: { ...systemClock, sleep: around.impatient ? async () => undefined : systemClock.sleep },
    stdout: { write: (text) => out.push(text) },
    stderr: { write: (text) => err.push(text) },
    stdin: Object.assign((async function* () {})(), { isTTY: true }),
    prompts: {
      visible: async () => (around.nobody ? assert.fail('a person was asked') : CLIENT.client_id),
      hidden: async (label) =>
        around.nobody
          ? assert.fail('a person was asked')
          : label.startsWith('Address')
            ? `${provider.redirectOf(/https?:\S+/.exec(err.join(''))?.[0] ?? '') ?? 'nonsense'}`
            : CLIENT.client_secret,
    },
    environment: {},
    browse: (href) => {
      const redirect = around.impatient ? undefined : provider.redirectOf(href);
      if (redirect) fetch(redirect).catch(() => undefined);
    },
    untilStopped: () => Promise.resolve(),
    connect: () => ({
      askAws: async () => ({ ok: false, code: 'AccessDeniedException' }),
      invoke: async (_to, request) => {
        requests.push(request);
        try {
          return await provider.admin.do(request);
        } catch (error) {
          if (!(error instanceof AdminError)) throw error;
          return { error: { code: error.code, message: error.message, remedy: error.remedy } };
        }
      },
      close: () => undefined,
    }),
  });
  return { exitCode, stdout: out.join(''), stderr: err.join(''), requests };
}

interface Around {
  /** The browser never comes back, and the command need not be waited for. */
  readonly impatient?: boolean;
  /** Whoever is asked for something fails the test. */
  readonly nobody?: boolean;
}

describe('renova login', () => {
  it('registers what a person allowed in the browser, and sees no token', async () => {
    const provider = new LoginProvider();
    const { exitCode, stdout, stderr, requests } = await renova(provider, ['login', 'books', ...QUICKBOOKS]);
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /books is registered \(generation 1\)/);
    const [asked] = provider.asked;
    assert.match(asked?.href ?? '', /^https:\/\/appcenter\.intuit\.com\/connect\/oauth2\?/);
    assert.equal(asked?.searchParams.get('response_type'), 'code');
    assert.equal(asked?.searchParams.get('code_challenge_method'), 'S256');
    assert.match(asked?.searchParams.get('redirect_uri') ?? '', /^http:\/\/127\.0\.0\.1:\d+\/callback$/);
    assert.equal(provider.exchanged, 1);
    assert.deepEqual((await provider.admin.record('books')).pair?.fields, { realmId: '4620816365' });
    assert.doesNotMatch(
      stdout + stderr + JSON.stringify(requests.slice(0, 1)),
      /fake-(access|refresh|sentinel)/,
    );
  });

  it('begins a new chain with --reseed, with the client that is kept', async () => {
    const provider = new LoginProvider();
    await renova(provider, ['login', 'books', ...QUICKBOOKS]);
    const { chain } = await provider.admin.record('books');
    const again = await renova(provider, ['login', 'books', '--reseed', '--env', 'prd']);
    assert.equal(again.exitCode, 0, again.stderr);
    assert.match(again.stdout, /books has a new chain \(generation 2\)/);
    assert.notEqual((await provider.admin.record('books')).chain, chain);
    assert.equal(provider.asked[1]?.searchParams.get('client_id'), CLIENT.client_id);
  });

  it('logs in with the client of an app, which nobody types', async () => {
    const provider = new LoginProvider();
    await provider.admin.do({ action: 'app-put', app: 'erp', client: CLIENT });
    const { exitCode, stderr } = await renova(provider, ['login', 'books', '--app', 'erp', ...QUICKBOOKS]);
    assert.equal(exitCode, 0, stderr);
    assert.equal(await provider.admin.client('books'), undefined);
  });

  it('asks for no address to be pasted where there is no terminal', async () => {
    const { exitCode, asked, sent, stderr } = await runCommand(
      ['login', 'books', '--paste', '--secrets', '-', ...QUICKBOOKS],
      { stdin: JSON.stringify({ client: CLIENT }) },
    );
    assert.deepEqual([exitCode, asked, sent], [2, [], []]);
    assert.match(stderr, /no terminal to paste.*--device/);
  });

  it('takes the pasted address on a machine without a browser', async () => {
    const provider = new LoginProvider();
    const line = ['login', 'books', '--paste', '--redirect-uri', 'https://app.example/back', ...QUICKBOOKS];
    const { exitCode, stderr } = await renova(provider, line);
    assert.equal(exitCode, 0, stderr);
    assert.equal(provider.asked[0]?.searchParams.get('redirect_uri'), 'https://app.example/back');
  });

  it('finds the endpoints by the metadata of the server', async () => {
    const provider = new LoginProvider();
    const server = createServer((_request, response) => {
      const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
        }),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const line = ['login', 'erp', '--provider', 'oauth2', '--issuer', issuer, '--env', 'prd'];
    const { exitCode, stderr } = await renova(provider, line).finally(() => server.close());
    assert.equal(exitCode, 0, stderr);
    assert.equal(provider.asked[0]?.href.startsWith(`${issuer}/authorize?`), true);
    assert.equal((await provider.admin.record('erp')).tokenUrl, `${issuer}/token`);
  });
});

const failures: readonly [what: string, told: RegExp, decide: (redirect: URL) => URL | undefined][] = [
  [
    'a redirect with another state',
    /^renova: the redirect is not the answer to this login \(its state is another\); nothing was changed$/m,
    (redirect) => {
      redirect.searchParams.set('state', 'fake-other');
      return redirect;
    },
  ],
  [
    'an error from the authorization server',
    /^renova: the provider was told not to allow it \(access_denied\); nothing was changed$/m,
    (redirect) => {
      redirect.searchParams.delete('code');
      redirect.searchParams.set('error', 'access_denied');
      return redirect;
    },
  ],
  [
    'a redirect without a code',
    /^renova: the redirect brought no code; nothing was changed$/m,
    (redirect) => {
      redirect.searchParams.delete('code');
      return redirect;
    },
  ],
];
describe('a login that ends in', () => {
  for (const [what, told, decide] of failures) {
    it(`${what} is one sentence, and nothing half-written`, async () => {
      const provider = new LoginProvider();
      provider.decide = decide;
      const { exitCode, stderr, requests } = await renova(provider, ['login', 'books', ...QUICKBOOKS]);
      assert.equal(exitCode, 1);
      assert.match(stderr, told);
      assert.deepEqual(
        requests.map(({ action, check }) => [action, check]),
        [
          ['login-start', undefined],
          ['register', true],
        ],
      );
      assert.equal(await provider.admin.client('books'), undefined);
    });
  }

  it('a browser that never comes back is one sentence', async () => {
    const provider = new LoginProvider();
    const line = ['login', 'books', '--wait', '30', ...QUICKBOOKS];
    const { exitCode, stderr, requests } = await renova(provider, line, { impatient: true });
    assert.equal(exitCode, 1);
    assert.match(stderr, /^renova: no answer came from the browser within 30 s; nothing was changed$/m);
    assert.equal(requests.filter(({ check, action }) => action === 'register' && !check).length, 0);
  });

  it('a port in use is one sentence', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const port = String((other.address() as AddressInfo).port);
    const line = ['login', 'books', '--port', port, ...QUICKBOOKS];
    const { exitCode, stderr } = await renova(new LoginProvider(), line).finally(() => other.close());
    assert.equal(exitCode, 1);
    assert.match(stderr, new RegExp(`^renova: port ${port} of this machine is in use$`, 'm'));
  });

  it('a code used twice is one sentence, and the chain before it stays', async () => {
    const provider = new LoginProvider();
    await renova(provider, ['login', 'books', ...QUICKBOOKS]);
    const { chain, generation } = await provider.admin.record('books');
    provider.decide = (redirect) => {
      redirect.searchParams.set('code', 'fake-sentinel-code-1');
      return redirect;
    };
    const again = await renova(provider, ['login', 'books', '--reseed', '--env', 'prd']);
    assert.equal(again.exitCode, 1);
    assert.match(
      again.stderr,
      /^renova: The login brought no token: .*\nLog in again with renova login: a code is good once/m,
    );
    const now = await provider.admin.record('books');
    assert.deepEqual([now.chain, now.generation], [chain, generation]);
    const fresh = await renova(provider, ['login', 'other', ...QUICKBOOKS]);
    assert.equal(fresh.exitCode, 1);
    assert.equal(await provider.admin.client('other'), undefined);
    assert.equal(await provider.admin.world.ledger.load('other'), undefined);
  });
});

describe('renova login asks nobody before it knows that', () => {
  const asked = async (line: readonly string[], provider = new LoginProvider()) => {
    const around = { nobody: true };
    const { exitCode, stderr } = await renova(provider, line, around);
    assert.equal(provider.asked.length, 0);
    return { exitCode, stderr };
  };

  it('the id is free', async () => {
    const provider = new LoginProvider();
    await provider.admin.register('books');
    const { exitCode, stderr } = await asked(['login', 'books', ...QUICKBOOKS], provider);
    assert.equal(exitCode, 1);
    assert.match(stderr, /^renova: books is registered already\.$/m);
  });

  it('the settings can be registered', async () => {
    const line = ['login', 'books', '--token-url', 'http://provider.example/token', ...QUICKBOOKS];
    assert.match((await asked(line)).stderr, /^renova: token_url: /m);
  });

  it('the provider has persons who log in', async () => {
    const { stderr } = await asked(['login', 'pay', '--provider', 'inter', '--env', 'prd']);
    assert.match(stderr, /^renova: where users of inter log in is not known/m);
    const line = ['login', 'pay', '--provider', 'inter', '--device', '--env', 'prd'];
    assert.match((await asked(line)).stderr, /^renova: grant: expected client_credentials for inter\.$/m);
  });

  it('the credential is there, and needs a person', async () => {
    const line = ['login', 'books', '--reseed', '--env', 'prd'];
    assert.match((await asked(line)).stderr, /^renova: .*books/m);
    const provider = new LoginProvider();
    await provider.admin.register('shop', {
      provider: 'oauth2',
      token_url: 'https://erp.example/token',
      grant: 'client_credentials',
      refresh_token: undefined,
    });
    const { stderr } = await asked(['login', 'shop', '--reseed', '--env', 'prd'], provider);
    assert.match(stderr, /^renova: credential: shop logs in by itself/m);
  });

  it('the options go together', async () => {
    const wrong: readonly (readonly string[])[] = [
      ['--device', '--paste'],
      ['--device', '--port', '4711'],
      ['--device-url', 'https://provider.example/device'],
      ['--redirect-uri', 'https://app.example/back'],
      ['--reseed', '--mode', 'on-demand'],
      ['--authorize-url', 'http://provider.example/authorize'],
      ['--device', '--device-url', 'http://provider.example/device'],
    ];
    for (const more of wrong) {
      const { exitCode, stderr } = await asked(['login', 'books', ...more, ...QUICKBOOKS]);
      assert.equal(exitCode, 2, more.join(' '));
      assert.match(stderr, /^renova: [^\n]+\n$/, more.join(' '));
    }
  });
});
