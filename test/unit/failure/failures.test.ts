import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { commandWords, remedySentence } from '../../../shared/failure/command.ts';
import {
  FAILURES,
  type FailureOutcome,
  failureInWords,
  failureRemedy,
  mayPass,
  RETRIES,
} from '../../../shared/failure/failures.ts';
import { LAPSES, type LapseReason, lapseInWords, lapseRemedy } from '../../../shared/failure/lapses.ts';
import { type FailureReason, OWN_REASONS, reasonOfError } from '../../../shared/failure/reasons.ts';
import { REFRESH_RESULTS, RESULT_REASONS, resultInWords } from '../../../shared/failure/refresh-results.ts';

const REFERENCE = readFileSync(new URL('../../../docs/reference.md', import.meta.url), 'utf8');
const typed = (command: Parameters<typeof commandWords>[0]) => `renova ${commandWords(command)}`;
const failed = (outcome: FailureOutcome, reason?: FailureReason, clientAuth = 'post') =>
  failureRemedy({ credential: 'acme', outcome, reason, clientAuth });
const commandFor = (outcome: FailureOutcome, reason?: FailureReason) => {
  const { command } = failed(outcome, reason);
  return command && commandWords(command);
};

/** The rows of a table of the reference, by its heading. */
function rowsUnder(heading: string): string[] {
  const [, after = ''] = REFERENCE.split(`\n### ${heading}\n`);
  const [section = ''] = after.split(/\n##/);
  return section.split('\n').filter((line) => line.startsWith('| `'));
}

describe('a failure', () => {
  it('never says the same thing twice in one sentence', () => {
    for (const outcome of Object.keys(FAILURES) as FailureOutcome[]) {
      for (const reason of Object.keys(OWN_REASONS) as FailureReason[]) {
        const said = failureInWords({ outcome, reason });
        const [, explanation = '', words = ''] = /^(.*) \((?:(.*): )?[a-z-]+\)$/.exec(said) ?? [];
        assert.ok(!explanation || words !== explanation, said);
      }
    }
  });

  it('is one of those in the reference, word for word', () => {
    const expected = Object.entries(FAILURES).map(([outcome, { explanation, kind, retry }]) => {
      const event = kind === 'failing' ? 'Refresh Failing' : 'Credential Misconfigured';
      return `| \`${outcome}\` | ${explanation} | \`${event}\` | ${RETRIES[retry]} |`;
    });
    assert.deepEqual(rowsUnder('Outcomes'), expected);
  });

  it('has a reason of those in the reference, word for word', () => {
    const expected = Object.entries(OWN_REASONS).map(([reason, words]) => `| \`${reason}\` | ${words} |`);
    assert.deepEqual(rowsUnder('Reasons'), expected);
  });

  it('is told with its reason, and with the meaning of a reason that is Renova’s own', () => {
    assert.equal(
      failureInWords({ outcome: 'not-sent', reason: 'ECONNREFUSED' }),
      'the provider could not be reached (ECONNREFUSED)',
    );
    assert.equal(
      failureInWords({ outcome: 'unknown', reason: 'answer-deadline' }),
      'the provider gave no definite answer (no answer came in time; for a slow provider raise answer_seconds: answer-deadline)',
    );
  });

  it('that says which setting is refused is told as that', () => {
    const words = (reason: FailureReason) => failureInWords({ outcome: 'refused-client', reason });
    assert.equal(words('invalid_scope'), 'the provider refused the scope (invalid_scope)');
    assert.equal(words('http-404'), 'there is no token endpoint at its token URL (http-404)');
    assert.match(words('invalid_client'), /refused the client id, the client secret/);
  });

  it('that passes by itself names waiting, and never a forced refresh', () => {
    for (const outcome of ['not-sent', 'throttled', 'unknown', 'refused', 'stale-client'] as const) {
      const remedy = failed(outcome);
      assert.equal(remedy.waits, true, outcome);
      assert.match(remedy.text, /^Nothing to do/);
      assert.equal(commandFor(outcome), 'status acme');
    }
    for (const outcome of Object.keys(FAILURES) as FailureOutcome[]) {
      assert.doesNotMatch(JSON.stringify(failed(outcome)), /--force/);
    }
  });

  it('names the command that changes what is wrong', () => {
    assert.equal(commandFor('refused-client', 'invalid_client'), 'update acme --client');
    assert.equal(commandFor('refused-client', 'invalid_scope'), 'update acme --scope "<scope>"');
    assert.equal(commandFor('refused-client', 'http-404'), 'update acme --token-url "<url>"');
    assert.equal(commandFor('refused-client', 'remote-provider'), 'update acme --token-url "<url>"');
    assert.equal(commandFor('not-sent', 'invalid-server-name'), 'update acme --token-url "<url>"');
    assert.equal(commandFor('refused-network', 'remote-provider'), 'update acme --network-url "<url>"');
    assert.equal(commandFor('refused-client', 'invalid-certificate'), 'update acme --client');
    assert.match(
      failed('refused-client', 'invalid-certificate').text,
      /certificate .* as JSON by --secrets -:$/,
    );
    assert.equal(commandFor('refused-client', 'missing-client-secret'), 'update acme --client');
    assert.equal(commandFor('refused-client', 'invalid-ca'), 'update acme --ca "<file>"');
    assert.equal(commandFor('refused-client', 'invalid-header'), 'update acme --headers "<name=value>"');
    assert.equal(commandFor('refused-grant', 'invalid_grant'), 'update acme --client');
    assert.equal(commandFor('not-ready', 'invalid-client-secret'), 'update acme --client');
    assert.equal(commandFor('garbled', 'answer-unreadable'), 'rescue acme');
  });

  it('names reseed too where the words of the provider may mean the grant', () => {
    const { otherwise } = failed('refused-client', 'unauthorized_client');
    assert.equal(otherwise && commandWords(otherwise.command), 'reseed acme');
  });

  it('may be a client secret that is sent the wrong way', () => {
    const other = (clientAuth: string) => failed('refused-client', 'invalid_client', clientAuth).otherwise;
    assert.deepEqual(other('post')?.command.flags, ['--client-auth', 'basic']);
    assert.deepEqual(other('basic')?.command.flags, ['--client-auth', 'post']);
    assert.equal(other('private_key_jwt'), undefined);
    assert.equal(failed('refused-client', 'invalid_scope').otherwise, undefined);
  });

  it('of a vault that is away for a moment may pass, of a secret that is gone it does not', () => {
    assert.equal(mayPass({ outcome: 'not-ready', reason: 'store-unavailable' }), true);
    assert.equal(mayPass({ outcome: 'not-ready', reason: 'invalid-client-secret' }), false);
    assert.equal(mayPass({ outcome: 'refused-client', reason: 'invalid_client' }), false);
    assert.equal(mayPass({ outcome: 'unknown', reason: 'http-503' }), true);
  });
});

describe('the reason of an error', () => {
  it('is the code of what caused it, its own code, or nothing that is known', () => {
    assert.equal(
      reasonOfError({ code: 'store-unavailable', reason: 'AccessDeniedException' }),
      'AccessDeniedException',
    );
    assert.equal(reasonOfError({ code: 'invalid-key-ring' }), 'invalid-key-ring');
    assert.equal(reasonOfError({ code: 'ERR_INVALID_ARG_TYPE' }), 'ERR_INVALID_ARG_TYPE');
    assert.equal(reasonOfError({}), 'unexpected');
    assert.equal(reasonOfError({ code: 'toString' }), 'unexpected');
  });
});

describe('the end of a chain', () => {
  it('has a clause and a remedy for each reason', () => {
    for (const reason of Object.keys(LAPSES) as LapseReason[]) {
      assert.match(lapseInWords({ reason }), /^the /);
      assert.match(
        remedySentence(lapseRemedy('acme', reason), typed),
        /^[A-Z].*: renova (reseed|rescue) acme$/,
      );
    }
  });

  it('after a lost answer is nobody’s mistake', () => {
    assert.match(lapseInWords({ reason: 'grant-refused', afterUnknown: true }), /nobody made a mistake/);
    assert.doesNotMatch(lapseInWords({ reason: 'grant-refused' }), /mistake/);
  });
});

describe('a refresh that brought no token', () => {
  it('is put into words, whatever it came to', () => {
    for (const reason of [...Object.keys(RESULT_REASONS), ...Object.keys(FAILURES), ...Object.keys(LAPSES)]) {
      assert.notEqual(resultInWords('failed', reason), reason);
    }
    for (const [result, words] of Object.entries(REFRESH_RESULTS)) {
      if (words !== undefined) assert.notEqual(resultInWords(result), result);
    }
  });

  it('of another version is said by its code', () => {
    assert.equal(resultInWords('failed', 'constructor'), 'constructor');
  });
});
