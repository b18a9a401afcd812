import assert from 'node:assert/strict';
import { test } from 'node:test';
import { functionFailure, invokeFailure } from '../../cli/invoke/invoke-failure.ts';

const AWS = {
  door: 'admin',
  functionName: 'renova-prd-admin',
  target: { env: 'prd', options: '--env prd' },
} as const;
const LOCAL = { ...AWS, target: { ...AWS.target, localEndpoint: 'http://127.0.0.1:4700' } };

const errorOf = (members: object) => Object.assign(new Error('fake-secret-1 in a message'), members);

const failures: readonly [members: object, code: string, ofLocalStack?: string][] = [
  [{ code: 'ECONNREFUSED' }, 'unreachable'],
  [{ code: 'ENOTFOUND' }, 'unreachable'],
  [{ name: 'ResourceNotFoundException' }, 'no-function', 'other-environment'],
  [{ name: 'AccessDeniedException' }, 'not-allowed'],
  [{ name: 'TooManyRequestsException' }, 'throttled'],
  [{ name: 'ExpiredTokenException' }, 'credentials-refused'],
  [{ name: 'UnrecognizedClientException' }, 'credentials-refused'],
  [{ name: 'TimeoutError' }, 'no-answer'],
  [{ code: 'ECONNRESET' }, 'no-answer'],
  [{ name: 'fake-secret-1' }, 'no-answer'],
];
for (const [members, code, ofLocalStack = code] of failures) {
  test(`${Object.values(members)[0]} is ${code}, without the message`, () => {
    for (const [invoked, expected] of [
      [AWS, code],
      [LOCAL, ofLocalStack],
    ] as const) {
      const failure = invokeFailure(errorOf(members), invoked);
      assert.equal(failure.code, expected);
      assert.doesNotMatch(`${failure.message} ${failure.remedy}`, /fake-secret/);
    }
  });
}

test('an outcome that nobody knows says how to find out', () => {
  const failure = invokeFailure(errorOf({ code: 'ECONNRESET' }), AWS);
  assert.match(failure.remedy ?? '', /npx renova status --env prd/);
});

test('anything at all may be thrown', () => {
  for (const thrown of [undefined, null, 'text', 7])
    assert.equal(invokeFailure(thrown, AWS).code, 'no-answer');
});

test("a failed function's error type is repeated only if it is a word", () => {
  assert.match(
    functionFailure({ errorType: 'Runtime.ExitError' }, AWS).message,
    /failed \(Runtime\.ExitError\);/,
  );
  for (const odd of ['fake-secret-1', 7, undefined]) {
    assert.equal(
      functionFailure({ errorType: odd }, AWS).message,
      'The admin function failed; look at the log of renova-prd-admin',
    );
  }
});

test('what answers on another port of the local stack is no reason to fear that something was done', () => {
  const answers = [
    { name: 'Unknown', $metadata: { httpStatusCode: 404 } },
    { name: 'unknown-route', code: 'unknown-route', $metadata: { httpStatusCode: 404 } },
    { code: 'HPE_INVALID_CONSTANT' },
  ];
  for (const members of answers) {
    const { code, message } = invokeFailure(errorOf(members), LOCAL);
    assert.equal(code, 'not-a-local-stack');
    assert.match(
      message,
      /^What answers at http:\/\/127\.0\.0\.1:4700 is not the AWS endpoint of a local stack$/,
    );
  }
  assert.equal(invokeFailure(errorOf({ $metadata: { httpStatusCode: 500 } }), LOCAL).code, 'no-answer');
  assert.equal(invokeFailure(errorOf({ $metadata: { httpStatusCode: 404 } }), AWS).code, 'no-answer');
});

test('a function without one of its variables says which, and nothing else of its message is repeated', () => {
  const errorMessage = "RENOVA_ENV: expected hml or prd; set it in the function's environment.";
  const said = functionFailure({ errorType: 'EnvironmentError', errorMessage }, AWS);
  assert.deepEqual(
    [said.code, said.message],
    ['function-misconfigured', `renova-prd-admin is set up wrongly: ${errorMessage}`],
  );
  for (const odd of [undefined, 1, 'fake-sentinel', `RENOVA_ENV: a\nb`, `RENOVA_ENV: ${'x'.repeat(300)}`]) {
    const other = functionFailure({ errorType: 'EnvironmentError', errorMessage: odd }, AWS);
    assert.deepEqual([other.code, /sentinel|xxx/.test(other.message)], ['function-failed', false]);
  }
  const foreign = functionFailure({ errorType: 'TypeError', errorMessage }, AWS);
  assert.equal(foreign.code, 'function-failed');
});
