import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import pico from 'picocolors';
import { summariesOf } from '../../cli/format/summary.ts';
import { rowsOf, watchBlock } from '../../cli/format/watch-block.ts';
import { sampleAnswers, TARGET } from '../console/sample.ts';
import { NOW_MS, runCommand } from './run-command.ts';
import { HEALTHY } from './summaries.ts';

const LIST = { credentials: [HEALTHY] };

describe('watch', () => {
  const summaries = summariesOf(sampleAnswers(NOW_MS).list ?? {});
  const block = (columns: number, rows = 60) =>
    watchBlock({ colors: pico.createColors(true), target: TARGET }, summaries, {
      nowMs: NOW_MS,
      columns,
      rows,
    });

  for (const columns of [40, 80, 200]) {
    test(`fits into ${columns} columns`, () => {
      for (const line of block(columns).split('\n'))
        assert.ok(stripVTControlCharacters(line).length <= columns, line);
    });
  }

  test('is no higher than the terminal, and says that there is more', () => {
    const lines = block(80, 10).split('\n');
    assert.equal(lines.length, 10);
    assert.match(stripVTControlCharacters(lines.at(-1) ?? ''), /more: renova list/);
  });

  test('has a line for each credential, and what fixes those that are not well', () => {
    const text = stripVTControlCharacters(block(120));
    assert.match(text, /^prd {2}7 credentials, 3 not well/);
    assert.match(text, /^shop-north +lapsed +░{10} expired +login: ended$/m);
    assert.match(text, /^acme-pix +active +█{6}░{4} 3 min +login: 47 h 59 min$/m);
    assert.match(
      text,
      /Log in at the provider for a new refresh token, then: npx renova reseed shop-north --local/,
    );
    assert.match(text, /Nothing to do: tried again in 14 s\./);
  });

  test('keeps a command in one piece, to be copied, on a narrow terminal too', () => {
    const lines = stripVTControlCharacters(block(80)).split('\n');
    const at = lines.indexOf('  npx renova reseed shop-north --local');
    assert.match(lines[at - 1] ?? '', /^ {2}Log in at the provider for a new refresh token, then:$/);
  });

  test('draws 80 columns on a terminal that does not know its size', async () => {
    const situation = { answers: { list: LIST }, colors: true, size: { columns: 0, rows: 0 } };
    const { stdout } = await runCommand(['watch', '--local'], situation);
    assert.match(stripVTControlCharacters(stdout), /1 credential, all well/);
  });

  test('draws on a terminal until it is told to end', async () => {
    const ran = await runCommand(['watch', '--local'], { answers: { list: LIST }, colors: true });
    assert.equal(ran.exitCode, 0);
    assert.match(
      stripVTControlCharacters(ran.stdout),
      /1 credential, all well[\s\S]*\nThe live view is closed\.\n$/,
    );
  });

  test('knows how high a block is on a terminal that has become narrower', () => {
    assert.equal(rowsOf('\u001b[32m12345\u001b[39m\n\n1234567890\n12345678901', 10), 5);
  });

  test('prints documents for machines, and refuses where there is no terminal', async () => {
    const json = await runCommand(['watch', '--local', '--json'], { answers: { list: LIST } });
    assert.deepEqual(JSON.parse(json.stdout), LIST);
    const piped = await runCommand(['watch', '--local'], { answers: { list: LIST } });
    assert.equal(piped.exitCode, 2);
    assert.match(piped.stderr, /no terminal to draw on/);
  });

  test('ends when nothing answers from the start', async () => {
    const ran = await runCommand(['watch', '--local'], { colors: true });
    assert.equal(ran.exitCode, 1);
    assert.match(ran.stderr, /^renova: no answer to list\n$/);
  });
});

describe('completion', () => {
  const commandsOf = async () => {
    const { stdout } = await runCommand(['--help']);
    return [...stdout.matchAll(/^ {2}([a-z][a-z-]*) (?:\[options\]|[<[]| {2})/gm)].map(
      ([, name = '']) => name,
    );
  };

  for (const shell of ['bash', 'zsh', 'fish']) {
    test(`for ${shell} knows every command, and its options`, async () => {
      const { stdout, exitCode } = await runCommand(['completion', shell]);
      assert.equal(exitCode, 0);
      const commands = await commandsOf();
      assert.ok(commands.length > 15);
      for (const name of commands.filter((one) => one !== 'help'))
        assert.match(stdout, new RegExp(`'${name}'|\\b${name}\\b`));
      for (const option of ['token-url', 'local-port', 'min-ttl']) assert.ok(stdout.includes(option), option);
    });
  }

  test('for another shell says which there are', async () => {
    const ran = await runCommand(['completion', 'cmd']);
    assert.deepEqual([ran.exitCode, ran.stderr], [2, 'renova: the shell must be one of bash, zsh, fish\n']);
  });

  /** What each shell offers, without one to type in: its own functions, told a line. */
  const offers: Readonly<Record<string, (script: string, line: readonly string[]) => string[]>> = {
    bash: (script, line) => {
      const words = line.map((word) => `'${word}'`).join(' ');
      const told = `${script}\nCOMP_WORDS=(${words}); COMP_CWORD=${line.length - 1}; _renova; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return outputOf('bash', ['--norc', '-c', told]);
    },
    zsh: (script, line) => {
      // The functions of its completion system print what they are to offer, as far as the word begins like that.
      const stubs = [
        'compdef() { :; }; _message() { :; }',
        `_describe() { local name="$argv[-1]"; for name in "\${(@P)name}"; do print -r -- "\${name%%:*}"; done }`,
        'compadd() { shift; print -l -- $@ }',
        '_files() { print -l -- *(N) }',
      ].join('\n');
      const words = line.map((word) => `'${word}'`).join(' ');
      const told = `${stubs}\n${script}\nwords=(${words}); CURRENT=${line.length}; _renova`;
      return outputOf('zsh', ['-f', '-c', told]).filter((word) => word.startsWith(line.at(-1) ?? ''));
    },
    fish: (script, line) => {
      const told = `${script}\ncomplete -C '${line.join(' ')}'`;
      return outputOf('fish', ['--no-config', '-c', told]).map((offer) => offer.split('\t')[0] ?? '');
    },
  };
  const outputOf = (shell: string, argv: readonly string[]): string[] => {
    const ran = spawnSync(shell, argv, { encoding: 'utf8', cwd: new URL('../../', import.meta.url) });
    assert.equal(ran.stderr, '');
    return ran.stdout.split('\n').filter(Boolean);
  };

  for (const [shell, offersOf] of Object.entries(offers)) {
    const isThere = spawnSync(shell, ['--version']).status === 0;
    const skip = !isThere && `${shell} is not installed`;
    for (const [line, expected] of [
      [
        ['renova', 'res'],
        ['rescue', 'reseed', 'resume'],
      ],
      [
        ['renova', 'status', '--loc'],
        ['--local', '--local-port'],
      ],
      [
        ['renova', '--env', ''],
        ['hml', 'prd'],
      ],
      [['renova', '--env', 'prd', 'stat'], ['status']],
      [
        ['renova', '--local', 'register', 'acme', '--mode', ''],
        ['fresh', 'on-demand'],
      ],
      [['renova', 'completion', 'z'], ['zsh']],
      [['renova', 'register', '--token-url', ''], []],
      [['renova', 'status', ''], []],
      // A command of a group is not the command of that name, and is followed by no other.
      [['renova', 'app', 're'], ['remove']],
      [['renova', 'app', 'put', ''], []],
      [['renova', 'list', '--ta'], ['--tag']],
      [['renova', 'app', 'list', '--ta'], []],
      [['renova', 'app', 'put', '--ta'], ['--tags']],
      [['renova', 'help', 'cap'], ['capacity']],
      [
        ['renova', 'register', 'app', '--he'],
        ['--headers', '--help'],
      ],
      // Only what takes a file is completed to files.
      [['renova', 'apply', '--file', 'LICEN'], ['LICENSE']],
      [['renova', 'apply', '-f', 'LICEN'], ['LICENSE']],
      [['renova', 'register', '--ca', 'LICEN'], ['LICENSE']],
      [['renova', 'apply', 'LICEN'], []],
    ] as const) {
      test(`in ${shell} completes ${line.join(' ')}`, { skip }, async () => {
        const { stdout } = await runCommand(['completion', shell]);
        assert.deepEqual(offersOf(stdout, line).sort(), [...expected]);
      });
    }
  }
});
