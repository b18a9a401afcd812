// That what the documents name is there: pages, files, log messages, scripts, commands and options.
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runCommand } from './run-command.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const PAGES = globSync('{*.md,docs/**/*.md}', { cwd: ROOT }).filter((page) => !page.endsWith('template.md'));
const SOURCES = globSync('{cli,client,functions,infra,local,shared,test}/**/*.ts', { cwd: ROOT });

describe('a page', () => {
  for (const page of PAGES) {
    test(`${page} links to pages and headings that exist`, () => {
      for (const [, path = '', heading] of read(page).matchAll(/\]\((?!https?:)([^)\s#]*)#?([^)\s]*)\)/g)) {
        const target = path === '' ? page : join(dirname(page), path);
        assert.ok(existsSync(join(ROOT, target)), target);
        if (heading) assert.ok(headingsOf(target).includes(heading), `${target}#${heading}`);
      }
    });

    test(`${page} names source files that exist`, () => {
      for (const [, file = ''] of withoutCode(read(page)).matchAll(/`((?:[\w-]+\/)*[\w-][\w.-]*\.ts)`/g)) {
        const isThere = SOURCES.some((source) => source === file || source.endsWith(`/${file}`));
        assert.ok(isThere || isExample(page, file), file);
      }
    });

    test(`${page} names commands that the program understands`, async () => {
      for (const line of commandsIn(read(page))) {
        const asked = line.includes('--secrets') ? { stdin: '{}' } : { person: {} };
        const { exitCode, stderr } = await runCommand(line, { ...asked, environment: { RENOVA_ENV: 'prd' } });
        assert.notEqual(exitCode, 2, `renova ${line.join(' ')}: ${stderr}`);
      }
    });
  }

  test('with commands is found by this test', () => {
    assert.ok(commandsIn(read('docs/operations.md')).length > 50);
  });
});

/** The house rules show how files are named; these are there too, a folder down. */
function isExample(page: string, file: string): boolean {
  return page === 'CONTRIBUTING.md' && SOURCES.includes(`shared/${file}`);
}

/** The anchors of a page's headings. */
function headingsOf(page: string): string[] {
  return [...withoutCode(read(page)).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function withoutCode(page: string): string {
  return page.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');
}

/** `npx renova …` as far as the command goes, with something for each placeholder. */
function commandsIn(page: string): string[][] {
  return [
    ...page.matchAll(/npx renova ([a-z-]+(?: (?:"[^"\n]*"|<[a-z ]+>|\$\{\{ [a-z.]+ \}\}|[^\s`|)<>;"]+))*)/g),
  ].map(([, line = '']) =>
    (
      line
        .replaceAll(/<env>|\$\{\{ inputs\.env \}\}/g, 'prd')
        .replaceAll(/<[a-z ]+>|"\$id"/g, 'acme')
        .match(/"[^"]*"|\S+/g) ?? []
    )
      .map((word) => word.replaceAll('"', '').replace(/[,.:]$/, ''))
      .filter((word) => word !== '' && word !== '\\'),
  );
}

describe('the reference', () => {
  test('names every command of the program with its options, and no other', async () => {
    const [, said = ''] = read('docs/reference.md').split(/^## (?:Commands|Local stack)$/m);
    const { stdout } = await runCommand(['--help']);
    const commands = [...stdout.matchAll(/^ {2}([a-z][a-z-]*) (?:\[options\]|[<[]| {2})/gm)]
      .filter(([, name]) => name !== 'help')
      .map(([, name]) => name);
    assert.ok(commands.length > 10);
    for (const name of commands) {
      assert.ok(name !== undefined && new RegExp(`\`${name}[ \`]`).test(said), name);
      const help = await runCommand([name, '--help']);
      for (const [option] of help.stdout.matchAll(/(?<=^ {2})--[a-z-]+/gm)) {
        assert.ok(said.includes(option), `${name} ${option}`);
      }
    }
    for (const [, name = ''] of said.matchAll(/^\| `([a-z-]+)/gm)) assert.ok(commands.includes(name), name);
  });
});

test('every message in the log of the refresh function is in the handbook, and no other', () => {
  const written = SOURCES.filter(
    (file) => file.startsWith('shared/refresh/') || file.startsWith('shared/events/'),
  )
    .flatMap((file) => [...read(file).matchAll(/\blog\.(?:info|warn|error)\(\s*'([^']+)'/g)])
    .map(([, message = '']) => message);
  assert.ok(written.length > 15);
  const [, table = ''] = read('docs/operations.md').split('What the log of the refresh function says');
  const said = [...(table.split('\n## ')[0] ?? '').matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, names = '']) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  );
  for (const message of written) assert.ok(said.includes(message), `not in docs/operations.md: ${message}`);
  const all = SOURCES.filter((file) => file.startsWith('shared/'))
    .map(read)
    .join('\n');
  for (const message of said) assert.ok(all.includes(`'${message}'`), `nowhere written: ${message}`);
});

test('every test that a page names is there, and every claim of SECURITY.md has one', () => {
  for (const page of ['SECURITY.md', 'docs/security.md', 'docs/testing.md', 'docs/adr/README.md']) {
    for (const [, file = ''] of read(page).matchAll(/`(test\/[\w./-]+\.test\.ts)`/g)) {
      assert.ok(existsSync(new URL(`../../${file}`, import.meta.url)), `${page}: ${file}`);
    }
  }
  const [, claims = ''] = read('docs/security.md').split('## The claims of SECURITY.md');
  const held = [...claims.matchAll(/^\| ([^|]+) \| [^|]*`test\//gm)].map(([, claim]) => claim);
  const headings = [...read('SECURITY.md').matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
  assert.deepEqual(held, headings.slice(1));
});

test('every npm script is named where scripts are explained', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const page = read('CONTRIBUTING.md');
  for (const name of Object.keys(scripts)) {
    // npm runs this one by itself.
    if (name === 'prepack') continue;
    assert.ok(page.includes(`npm run ${name}`) || page.includes(`npm ${name}`), name);
  }
});
