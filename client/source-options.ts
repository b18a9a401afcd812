import { TokenError } from './token-error.ts';
import type { TokenSourceOptions } from './token-source.ts';

/** Throws `TokenError` with the first option that cannot be used; of a workload in JavaScript no compiler has seen them. */
export function assertSourceOptions(options: TokenSourceOptions): void {
  const { credential, via, graceSeconds = 0 } = options;
  expect('credential', isCredential(credential), 'the id of a credential, such as acme');
  expect('via', via === 'read-api' || via === 'secrets-manager', 'read-api or secrets-manager');
  expect('graceSeconds', isDuration(graceSeconds), 'a number of seconds, 0 or more');
  if (via === 'read-api') return;
  const { env, dayMs = 1 } = options;
  expect('env', isName(env), 'the environment, hml or prd');
  expect('dayMs', isDuration(dayMs) && dayMs > 0, 'a number of milliseconds, more than 0');
}

function expect(option: string, isGood: boolean, expected: string): void {
  if (!isGood) throw new TokenError('invalid-option', `${option}: expected ${expected}.`);
}

function isCredential(value: unknown): boolean {
  return typeof value === 'string' && /^[a-z0-9][a-z0-9._-]{0,63}$/.test(value);
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && /^[a-z0-9-]{1,32}$/.test(value);
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
