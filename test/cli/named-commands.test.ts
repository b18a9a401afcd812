import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { withTarget } from '../../cli/format/suggested-commands.ts';
import { timing } from '../../shared/config/timing.ts';
import { announcements } from '../../shared/credential/announcements.ts';
import type { CredentialRecord } from '../../shared/credential/credential.ts';
import { renderEvent } from '../../shared/events/render-event.ts';
import { ReadError } from '../../shared/read/read-error.ts';
import { AT_MS, aRecord } from '../support/records.ts';
import { runCommand } from './run-command.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A command as a sentence ends it: at punctuation, at a quote, or where prose goes on. */
const NAMED =
  /\brenova ((?:[a-z]+-?)+)((?: (?:\$\{credential\}|\$\{env\}|acme|--[a-z-]+(?: (?:prd|hml|on-demand))?)(?![\w-]))*)/g;

function commandsIn(text: string): string[][] {
  return [...text.matchAll(NAMED)].map(([, command = '', rest = '']) => {
    const said = rest.replaceAll(/\$\{credential\}/g, 'acme').replaceAll(/\$\{env\}/g, '--env prd');
    return [command, ...said.split(' ').filter(Boolean)];
  });
}

function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
}

/** The program understands the line: it would have done something, if a function or a person had answered. */
async function assertUnderstood(line: readonly string[], environment: Record<string, string>) {
  const { exitCode, stderr } = await runCommand(line, { environment, person: {} });
  assert.notEqual(exitCode, 2, `renova ${line.join(' ')}: ${stderr}`);
}

describe('a command that a sentence names', () => {
  const sources = globSync('{shared,functions,local}/**/*.ts', { cwd: ROOT });
  const found = sources.flatMap((file) =>
    commandsIn(withoutComments(readFileSync(`${ROOT}${file}`, 'utf8'))).map((line) => ({ file, line })),
  );

  test('is found by this test', () => {
    const names = new Set(found.map(({ line: [command] }) => command));
    for (const name of ['list', 'status', 'reseed', 'resume', 'rescue', 'update'])
      assert.ok(names.has(name), name);
  });

  for (const { file, line } of found) {
    test(`exists: renova ${line.join(' ')} (${file})`, () => assertUnderstood(line, { RENOVA_ENV: 'prd' }));
  }
});

const { pair } = aRecord();
const failure = {
  count: 3,
  sinceMs: AT_MS,
  lastAtMs: AT_MS,
  outcome: 'unknown',
  reason: 'http-503',
} as const;
const lapsed = (reason: NonNullable<CredentialRecord['lapse']>['reason']) =>
  aRecord({ state: 'lapsed', lapse: { atMs: AT_MS, reason, afterUnknown: true } });

/** A record for each event, and for each way in which its sentences differ. */
const records: readonly [name: string, record: CredentialRecord][] = [
  ['refreshed', aRecord({ announced: { generation: 0 } })],
  ['failing', aRecord({ failure })],
  ['paused', aRecord({ state: 'paused' })],
  ['lapsed, spent', lapsed('grant-refused')],
  ['lapsed, late', lapsed('refresh-token-expired')],
  ['lapsed, unreadable', lapsed('answer-unreadable')],
  ['misconfigured', aRecord({ failure: { ...failure, outcome: 'refused-client' } })],
  ['not ready', aRecord({ failure: { ...failure, outcome: 'not-ready' } })],
  ['reported refused', aRecord({ reports: { latest: { generation: 1, atMs: AT_MS } } })],
  ['recovered', aRecord({ announced: { generation: 1, problem: { kind: 'failing', sinceMs: AT_MS } } })],
];

describe('the remedy of an event', () => {
  const told = new Set<string>();
  for (const [name, record] of records) {
    test(`names commands that are whole as they stand: ${name}`, async () => {
      const nowMs = (pair?.refreshTokenExpiresAtMs ?? 0) - 1;
      for (const announcement of announcements(record, timing(1))) {
        told.add(announcement.type);
        const { explanation, remedy = '' } = renderEvent('prd', record, announcement, nowMs).detail;
        for (const line of commandsIn(`${explanation} ${remedy}`)) await assertUnderstood(line, {});
      }
    });
  }

  test('was looked at for every event', () => {
    assert.equal(told.size, 7, [...told].join(', '));
  });
});

test('what a reader is told is whole at the target of the command that was told it', async () => {
  const target = { env: 'prd', options: '--local --local-port 4800' } as const;
  for (const { message } of [ReadError.lapsed('acme'), ReadError.paused('acme')]) {
    const [command] = /npx renova (.*--local-port 4800)$/.exec(withTarget(message, target))?.slice(1) ?? [];
    assert.ok(command, message);
    await assertUnderstood(command.split(' '), {});
  }
});
