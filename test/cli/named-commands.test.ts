import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isAlert } from '../../shared/config/events.ts';
import { type Command, commandWords } from '../../shared/failure/command.ts';
import { FAILURES, type FailureOutcome, failureRemedy } from '../../shared/failure/failures.ts';
import { OWN_REASONS, type OwnReason } from '../../shared/failure/reasons.ts';
import { everyEvent } from '../support/every-event.ts';
import { runCommand } from './run-command.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The program understands the command: it would have done something, if a function or a person had answered. */
async function assertUnderstood(command: Command) {
  const words = commandWords(command).match(/"[^"]*"|\S+/g) ?? [];
  const line = words.map((word) =>
    word
      .replaceAll('"', '')
      .replace('<url>', 'https://provider.example/token')
      .replace('<file>', `${ROOT}LICENSE`)
      .replace('<name=value>', 'x-tenant=fake'),
  );
  const { exitCode, stderr } = await runCommand([...line, '--env', 'prd'], { person: {} });
  assert.notEqual(exitCode, 2, `renova ${line.join(' ')}: ${stderr}`);
}

test('no function writes a command into its sentences: it is data beside them', () => {
  for (const file of globSync('{shared,functions}/**/*.ts', { cwd: ROOT })) {
    const code = readFileSync(`${ROOT}${file}`, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
    assert.doesNotMatch(
      code,
      /\brenova (list|status|reseed|resume|rescue|update|register|capacity|rotate)\b/,
      file,
    );
  }
});

describe('the command of an event', () => {
  for (const { name, detail, type } of everyEvent('prd')) {
    test(`is whole as it stands: ${name}`, async () => {
      const { command, remedy } = detail;
      if (isAlert(type) && detail.credentials !== 0) assert.ok(command && remedy, name);
      if (!command) return;
      // What to try when something else is wrong follows in brackets.
      const [first] = remedy?.split(' (if ') ?? [];
      assert.ok(first?.endsWith(` npx --no-install renova ${commandWords(command)} --env prd`), remedy);
      await assertUnderstood(command);
    });
  }
});

const REFINING = [
  'invalid_scope',
  'http-404',
  'unauthorized_client',
  ...(Object.keys(OWN_REASONS) as OwnReason[]),
] as const;

describe('the command that fixes a failure', () => {
  for (const outcome of Object.keys(FAILURES) as FailureOutcome[]) {
    test(`is whole as it stands: ${outcome}`, async () => {
      for (const reason of [undefined, ...REFINING]) {
        const { command, otherwise } = failureRemedy({ credential: 'acme', outcome, reason });
        for (const one of [command, otherwise?.command]) if (one) await assertUnderstood(one);
      }
    });
  }
});
