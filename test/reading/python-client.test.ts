import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { runAgainst } from '../integration/outside-tools.ts';
import { ROOT } from '../support/bundle.ts';
import { type StackProcess, startStackProcess } from '../support/stack-process.ts';
import { findPythons, findPythonWith, type PythonPackage } from './python-installations.ts';

const run = promisify(execFile);

const CLIENT = join(ROOT, 'client/python');
const OWN_PACKAGE = ['env', `PYTHONPATH=${CLIENT}`, 'PYTHONDONTWRITEBYTECODE=1'] as const;

describe('the Python client', { timeout: 600_000 }, () => {
  const pythons = findPythons();
  it('is tried by Python', { skip: pythons.length > 0 ? false : findPythonWith().skip });
  for (const { command, version, packages } of pythons) {
    it(`keeps its rules on Python ${version} with ${packages.join(', ') || 'nothing else'}`, async () => {
      const args = ['-B', '-m', 'unittest', 'discover', '-q', '-s', '.', '-t', '.'];
      await run(command, args, { cwd: CLIENT }).catch(({ stderr }: { readonly stderr: string }) =>
        assert.fail(stderr.slice(-4000)),
      );
    });
  }

  const pip = pipOf();
  it('installs as a wheel of the version of all packages', { skip: pip.skip }, async (t) => {
    const folder = newFolder(t);
    const build = ['-B', join(CLIENT, 'build_wheel.py'), folder];
    const { stdout } = await run(pip.command, build);
    const wheel = join(folder, stdout.trim());
    const again = newFolder(t);
    await run(pip.command, [...build.slice(0, -1), again]);
    assert.ok(readFileSync(wheel).equals(readFileSync(join(again, stdout.trim()))), 'the same bytes');

    const target = join(folder, 'installed');
    await run(pip.command, ['-m', 'pip', 'install', '--no-index', '--target', target, wheel]);
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    const script =
      'import renova_client, importlib.metadata as m; print(renova_client.__file__, renova_client.__version__, m.version("renova-client"))';
    const seen = await run(pip.command, ['-c', script], { cwd: folder, env: { PYTHONPATH: target } });
    assert.equal(seen.stdout, `${target}/renova_client/__init__.py ${version} ${version}\n`);
    assert.match(
      readFileSync(new URL('../../docs/python.md', import.meta.url), 'utf8'),
      new RegExp(`-${version}-`),
    );
  });

  describe('on the local stack', { concurrency: true }, () => {
    const examples = examplesOf(readFileSync(join(ROOT, 'docs/python.md'), 'utf8'));
    it('has examples of all ways', () => {
      assert.deepEqual(
        examples.map(({ title }) => title),
        ['With requests', 'With httpx', 'By the read API', 'Without either'],
      );
    });

    it('runs the examples of docs/python.md, and loses no call to refreshes', async (t) => {
      const stack = await startStackProcess(t, ['--env', 'prd']);
      const tests = examples.map(({ title, code, packages }) => {
        const python = findPythonWith(...packages);
        return t.test(`${title} (docs/python.md)`, { skip: python.skip }, async () => {
          const script = `${localised(code, stack)}\nprint(response.status_code if hasattr(response, "status_code") else response.status)`;
          assert.equal(await runPython(stack, python.command, script), '200\n');
        });
      });
      await Promise.all(tests);

      // One after the other: a reader asks once more after a 401, and two operators at once may kill both tokens.
      const python = findPythonWith('requests', 'boto3');
      for (const via of ['read-api', 'secrets-manager'] as const) {
        await t.test(`by ${via}, while an operator forces refreshes`, { skip: python.skip }, async () => {
          const printed = await runPython(stack, python.command, throughRefreshes(via, stack));
          const { statuses, generations } = JSON.parse(printed) as {
            statuses: number[];
            generations: number;
          };
          assert.deepEqual(statuses, [200]);
          assert.ok(generations > FORCED, `${generations} generations`);
        });
      }
    });
  });
});

const FORCED = 2;

/** Uses the token after each of some refreshes that kill the one that the source holds. */
function throughRefreshes(via: string, { apiUrl, providerUrl }: StackProcess): string {
  return `
import boto3, json, requests, time
from renova_client import RequestsAuth, TokenSource

def force_refresh():
    payload = json.dumps({"action": "refresh", "credential": "demo", "force": True})
    answer = boto3.client("lambda").invoke(FunctionName="renova-prd-admin", Payload=payload)
    return json.load(answer["Payload"]).get("result") in ("refreshed", "published")

source = TokenSource("demo", via="${via}", ${via === 'read-api' ? `url="${apiUrl}"` : 'env="prd"'})
session = requests.Session()
session.auth = RequestsAuth(source)
statuses, generations = set(), set()
for refresh in range(${FORCED} + 1):
    while refresh > 0 and not force_refresh():
        time.sleep(1)
    statuses.add(session.get("${providerUrl}/resource").status_code)
    generations.add(source.get_token().generation)
print(json.dumps({"statuses": sorted(statuses), "generations": len(generations)}))
`;
}

function runPython(stack: StackProcess, command: string, code: string): Promise<string> {
  const [env, ...own] = OWN_PACKAGE;
  return runAgainst(stack.awsUrl, env, [...own, command, '-c', code]);
}

interface Example {
  readonly title: string;
  readonly code: string;
  readonly packages: readonly PythonPackage[];
}

/** The code blocks of the guide, each with the heading that it stands under. */
function examplesOf(guide: string): readonly Example[] {
  return guide.split(/^## /m).flatMap((section) => {
    const title = section.slice(0, section.indexOf('\n'));
    return [...section.matchAll(/^```python\n(.*?)^```/gms)].map(([, code = '']) => {
      const imports = (['requests', 'httpx'] as const).filter((name) => code.includes(`import ${name}`));
      const packages: PythonPackage[] = [
        ...imports,
        ...(code.includes('secrets-manager') ? (['boto3'] as const) : []),
      ];
      return { title, code, packages };
    });
  });
}

/** The example, with the addresses and the credential of the local stack. */
function localised(code: string, { apiUrl, providerUrl }: StackProcess): string {
  return code
    .replaceAll('https://api.example/charges', `${providerUrl}/resource`)
    .replaceAll(/https:\/\/\w+\.execute-api[\w.-]+/g, apiUrl)
    .replaceAll('"acme"', '"demo"');
}

function pipOf(): { readonly command: string; readonly skip: string | false } {
  const python = findPythonWith();
  if (python.skip) return python;
  const command = findPythons().find(
    (each) => spawnSync(each.command, ['-m', 'pip', '--version']).status === 0,
  )?.command;
  return command
    ? { command, skip: false }
    : { command: '', skip: 'SKIPPED: no python3 with pip is installed' };
}

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'renova-python-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
