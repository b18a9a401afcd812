import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { readDeclaration } from '../../cli/apply/declaration.ts';
import { run } from '../../cli/program.ts';
import { AdminError } from '../../shared/admin/admin-error.ts';
import { systemClock } from '../../shared/clock/system-clock.ts';
import { amount } from '../runner/amount.ts';
import { AdminWorld, CLIENT } from '../unit/admin/admin-world.ts';

const MANY = amount({ test: 20, prove: 1000 });
const ids = Array.from({ length: MANY }, (_, at) => `shop-${at + 1}`);

describe('renova apply', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'renova-apply-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const fileOf = (text: string) => {
    const file = join(folder, 'credentials.yaml');
    writeFileSync(file, text);
    return file;
  };

  /** One command line against the real actions; `busy` answers instead of them while it gives a code. */
  async function renova(admin: AdminWorld, line: readonly string[], around: Around = {}) {
    const out: string[] = [];
    const err: string[] = [];
    const sent: string[] = [];
    const exitCode = await run([...line, '--env', 'prd'], {
      clock: { ...systemClock, sleep: async () => undefined },
      stdout: { write: (text) => out.push(text) },
      stderr: { write: (text) => err.push(text) },
      stdin: Object.assign((async function* () {})(), { isTTY: around.isTTY ?? false }),
      prompts: { visible: async () => CLIENT.client_id, hidden: async () => 'fake-typed' },
      environment: around.environment ?? {},
      browse: () => undefined,
      untilStopped: () => Promise.resolve(),
      connect: () => ({
        askAws: async () => ({ ok: false, code: 'AccessDeniedException' }),
        invoke: async (_to, request) => {
          const action = String(request.action);
          sent.push(action);
          const code = around.busy?.(action, sent.length);
          if (code) return { error: { code, message: 'busy' } };
          try {
            return await admin.do(request);
          } catch (error) {
            if (!(error instanceof AdminError)) throw error;
            const { code: refused, message, remedy } = error;
            return { error: { code: refused, message, remedy } };
          }
        },
        close: () => undefined,
      }),
    });
    return { exitCode, stdout: out.join(''), stderr: err.join(''), sent };
  }

  /** Living pairs of one app: what another system hands over. */
  function declared(admin: AdminWorld, more = ''): { text: string; environment: Record<string, string> } {
    const environment: Record<string, string> = { ERP: JSON.stringify({ client: CLIENT }) };
    const lines = ['apps:', '  erp:', '    secrets: {env: ERP}', 'credentials:'];
    const expiresAt = new Date(admin.world.clock.nowMs() + 3_000_000).toISOString();
    for (const [at, id] of ids.entries()) {
      lines.push(
        ...[`  ${id}:`, '    provider: oauth2', '    app: erp', '    token_url: https://erp.example/token'],
        ...['    client_auth: post', `    expires_at: ${expiresAt}`, `    secrets: {env: SHOP_${at}}`],
        ...(more ? [`    ${more}`] : []),
      );
      environment[`SHOP_${at}`] = JSON.stringify({
        refresh_token: admin.world.provider.login().reveal(),
        access_token: `fake-living-${at}`,
      });
    }
    return { text: lines.join('\n'), environment };
  }

  it(`registers ${MANY} living pairs of one app, spends none of them, and does nothing the second time`, async () => {
    const admin = new AdminWorld();
    const { text, environment } = declared(admin);
    const file = fileOf(text);
    const first = await renova(admin, ['apply', '-f', file], { environment });
    assert.equal(first.exitCode, 0, first.stderr);
    assert.match(first.stdout, new RegExp(`^${MANY + 1} done, 0 as declared, 0 failed$`, 'm'));
    assert.equal(admin.world.provider.issued, 0, 'nothing was posted');
    for (const id of ids) {
      const { generation, app, state } = await admin.record(id);
      assert.deepEqual([generation, app, state], [1, 'erp', 'active']);
    }
    const again = await renova(admin, ['apply', '-f', file], { environment });
    assert.deepEqual([again.exitCode, again.sent], [0, ['export']]);
    assert.match(again.stdout, new RegExp(`^0 done, ${MANY + 1} as declared, 0 failed$`, 'm'));
    assert.doesNotMatch(first.stdout + first.stderr, /fake-/);
  });

  it('waits for what is busy, and goes on where it was cut off', async () => {
    const admin = new AdminWorld();
    const { text, environment } = declared(admin);
    const file = fileOf(text);
    const busy = (action: string, number: number) =>
      action === 'register' && number % 3 === 0 ? 'store-unavailable' : undefined;
    const cut = await renova(admin, ['apply', '-f', file], {
      environment,
      busy: (action, number) => (number > 12 ? 'not-allowed' : busy(action, number)),
    });
    assert.equal(cut.exitCode, 1);
    assert.match(cut.stderr, /changes were not made\nCorrect what is said above, and apply the file again/);
    const rest = await renova(admin, ['apply', '-f', file], { environment, busy });
    assert.equal(rest.exitCode, 0, rest.stderr);
    for (const id of ids) assert.equal((await admin.record(id)).generation, 1);
  });

  it('shows the difference, does nothing with --dry-run, and then only what differs', async () => {
    const admin = new AdminWorld();
    const { text, environment } = declared(admin);
    await renova(admin, ['apply', '-f', fileOf(text)], { environment });
    const changed = text.replace('    client_auth: post', '    client_auth: post\n    mode: on-demand');
    const file = fileOf(changed);
    const dry = await renova(admin, ['apply', '-f', file, '--dry-run']);
    assert.equal(dry.stdout, `~ shop-1: mode fresh → on-demand\n= ${MANY} as declared\n`);
    assert.deepEqual(dry.sent, ['export']);
    const done = await renova(admin, ['apply', '-f', file]);
    assert.deepEqual([done.exitCode, done.sent], [0, ['export', 'update']]);
    assert.equal((await admin.record('shop-1')).mode, 'on-demand');
    assert.equal((await admin.record('shop-2')).mode, 'fresh');
  });

  it('exports what is there so that it can be applied, without a secret', async () => {
    const admin = new AdminWorld();
    await admin.do({ action: 'app-put', app: 'erp', client: CLIENT, tags: { owner: 'shops' } });
    await admin.register('acme', { app: 'erp', client: undefined, tags: { tier: 'one' } });
    await admin.register('other', { extra: { audience: ['a', 'b'] }, access_token_seconds: 200 });
    const { stdout } = await renova(admin, ['export']);
    assert.doesNotMatch(stdout, /sentinel|fake-client|fake-refresh/);
    const same = await renova(admin, ['apply', '-f', fileOf(stdout)]);
    assert.deepEqual([same.exitCode, same.sent], [0, ['export']], same.stderr);
  });

  it('asks for what the file does not refer to, and says so where nobody can be asked', async () => {
    const admin = new AdminWorld();
    const file = fileOf('credentials:\n  acme: {provider: oauth2, token_url: "https://erp.example/t"}\n');
    const nobody = await renova(admin, ['apply', '-f', file]);
    assert.equal(nobody.exitCode, 2);
    assert.match(nobody.stderr, /^renova: acme needs secrets .*secrets: \{env: NAME\} or \{file: PATH\}\n$/);
    assert.deepEqual(nobody.sent, ['export']);
    const asked = await renova(admin, ['apply', '-f', file], { isTTY: true });
    assert.equal((await admin.record('acme')).provider, 'oauth2', asked.stderr);
  });

  it('refuses what no update can change, and changes nothing', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    const refused = await renova(admin, ['apply', '-f', fileOf('credentials:\n  acme: {provider: xero}\n')]);
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /acme: provider is bs2 and cannot be changed; nothing was done/);
  });
});

interface Around {
  readonly environment?: Readonly<Record<string, string>>;
  readonly isTTY?: boolean;
  readonly busy?: (action: string, number: number) => string | undefined;
}

const wrong: readonly [what: string, text: string, said: RegExp][] = [
  [
    'an unknown setting',
    'credentials:\n  a:\n    scop: x\n',
    /^line 3: a: scop is not known; leave it out or correct it \(known: .*scope/,
  ],
  [
    'an unknown part',
    'credential:\n  a: {}\n',
    /^line 1: the file: credential is not known;.*credentials, apps/,
  ],
  [
    'two credentials of one name',
    'credentials:\n  a: {}\n  b: {}\n  a: {}\n',
    /^line 4: credentials: a is there twice \(line 2 too\); leave one out$/,
  ],
  [
    'a setting twice',
    'credentials:\n  a:\n    scope: x\n    scope: y\n',
    /^line 4: a: scope is there twice \(line 3 too\)/,
  ],
  [
    'a secret',
    'credentials:\n  a:\n    refresh_token: sentinel\n',
    /^line 3: a: secrets are never in the file; refer to them/,
  ],
  [
    'a client',
    'credentials:\n  a:\n    client: {client_id: x}\n',
    /^line 3: a: secrets are never in the file/,
  ],
  [
    'a wrong value',
    'credentials:\n  a:\n    scope: x\n    mode: sentinel\n',
    /^line 4: a: mode: expected fresh or on-demand$/,
  ],
  [
    'a wrong value within',
    'credentials:\n  a:\n    quota: {key: a, limit: 0, window_seconds: 60}\n',
    /^line 3: a: quota\.limit: expected at least 1$/,
  ],
  ['a wrong id', 'credentials:\n  Sentinel: {}\n', /^line 2: credentials: expected an id of a-z/],
  [
    'no reference',
    'credentials:\n  a:\n    secrets: {env: A, file: b}\n',
    /^line 3: secrets of a: expected one of env: NAME and file: PATH$/,
  ],
  [
    'an alias of nothing',
    'credentials:\n  a:\n    scope: *sentinel\n',
    /^line 3: this cannot be read; write it out/,
  ],
  [
    'aliases that grow',
    `credentials:\n  a:\n    extra:\n      a: &a [x, x]\n      b: &b [${Array(9).fill('*a')}]\n      c: &c [${Array(9).fill('*b')}]\n      d: [${Array(9).fill('*c')}]\n`,
    /^line 3: this cannot be read; write it out/,
  ],
  ['no YAML', 'credentials:\n  a: [\n', /^line \d: this is no YAML/],
  ['a list', '- a\n', /^line 1: expected credentials:/],
  ['nothing', '', /^line 1: expected credentials:/],
];
describe('a file of credentials with', () => {
  for (const [what, text, said] of wrong) {
    it(`${what} is refused with its line and what to do`, () => {
      assert.throws(
        () => readDeclaration(text),
        ({ message, name }: Error) => {
          assert.equal(name, 'UsageError');
          assert.match(message, said);
          assert.doesNotMatch(message, /sentinel/);
          return true;
        },
      );
    });
  }
});
