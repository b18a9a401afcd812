import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { lambdaInvoke } from '../../cli/invoke/lambda-invoke.ts';
import { run } from '../../cli/program.ts';
import { terminalPrompts } from '../../cli/secrets/terminal-prompts.ts';
import { systemClock } from '../../shared/clock/system-clock.ts';
import { COMMANDS_PROGRAM } from '../support/programs.ts';
import { killedWithUs } from '../support/stack-process.ts';
import type { RunningStack } from './running-stack.ts';

/** What a command line printed, and how it ended. */
export interface Said {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Given {
  /** Standard input. */
  readonly stdin?: string;
  readonly exitCode?: number | 'any';
}

/** Commands that have had a process of their own, whoever gave them. */
const known = new Set<string | undefined>();
/** Where what is printed is the secret that was asked for. */
const SHOWS_SECRETS = new Set(['token', 'rescue']);

/**
 * Somebody with a shell, who knows of Renova what its commands print. A process takes a second of CPU time, so each
 * command has one when it is given for the first time, and runs in this process from then on.
 */
export class Person {
  readonly #at: readonly string[];
  /** Everything that commands have shown, save those that were asked for a secret. */
  readonly shown: string[] = [];

  constructor({ awsPort }: Pick<RunningStack, 'awsPort'>) {
    this.#at = ['--local', '--local-port', String(awsPort)];
  }

  /** Runs `renova <words>` against the stack. Fails if it does not end as expected (0 unless `exitCode`). */
  renova(words: readonly string[], given: Given = {}): Promise<Said> {
    return this.copied([...words, ...this.#at], given);
  }

  /** As {@link Person.renova}, in this process even if the command is new: for what is said, not for how it ends. */
  inProcess(words: readonly string[], given: Given = {}): Promise<Said> {
    return this.#checked(inThisProcess, [...words, ...this.#at], given);
  }

  /** Runs a command line as it was printed: its own words decide where it goes. */
  copied(words: readonly string[], given: Given = {}): Promise<Said> {
    const isNew = !known.has(words[0]);
    known.add(words[0]);
    return this.#checked(isNew ? inOwnProcess : inThisProcess, words, given);
  }

  /** The access token, as a program would ask for it. */
  async token(id: string): Promise<string> {
    return (await this.renova(['token', id])).stdout.trim();
  }

  async #checked(
    how: (words: readonly string[], stdin: string) => Promise<Said>,
    words: readonly string[],
    { stdin = '', exitCode = 0 }: Given,
  ): Promise<Said> {
    const said = await how(words, stdin);
    if (!SHOWS_SECRETS.has(words[0] ?? '')) this.shown.push(said.stdout, said.stderr);
    if (exitCode !== 'any') {
      assert.equal(said.exitCode, exitCode, `renova ${words.join(' ')}\n${said.stdout}${said.stderr}`);
    }
    return said;
  }
}

async function inOwnProcess(words: readonly string[], stdin: string): Promise<Said> {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  // No configuration of AWS: what a command needs to find the stack is on its line.
  const env = { PATH, NODE_COMPILE_CACHE, HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true' };
  const child = spawn(process.execPath, [COMMANDS_PROGRAM, ...words], { env });
  killedWithUs(child);
  // A program that does not read all of it is what some tests are about.
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { exitCode, stdout, stderr };
}

async function inThisProcess(words: readonly string[], stdin: string): Promise<Said> {
  const out: string[] = [];
  const err: string[] = [];
  const exitCode = await run(words, {
    clock: systemClock,
    stdout: { write: (chunk) => out.push(chunk) },
    stderr: { write: (chunk) => err.push(chunk) },
    stdin: Readable.from([stdin]),
    prompts: terminalPrompts,
    environment: {},
    browse: () => undefined,
    untilStopped: () => Promise.resolve(),
    connect: lambdaInvoke,
  });
  return { exitCode, stdout: out.join(''), stderr: err.join('') };
}

/** The command line after `lead`, in words, with what a person fills in for `<scope>` and the like. */
export function commandAfter(
  lead: RegExp,
  printed: string,
  blanks: Readonly<Record<string, string>> = {},
): string[] {
  const line = printed.split('\n').find((candidate) => lead.test(candidate));
  const command = /npx renova ([^)]*)/.exec(line?.replace(lead, '') ?? '')?.[1];
  assert.ok(command, `${lead} leads to no command in:\n${printed}`);
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word = '']) =>
    quoted === undefined
      ? word
      : quoted.replaceAll(/<(\w+)>/g, (_, name: string) => blanks[name] ?? assert.fail(name)),
  );
}
