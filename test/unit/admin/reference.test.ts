import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { RegisterRequest } from '../../../shared/admin/request.ts';
import { QuotaInput } from '../../../shared/admin/setting-entries.ts';
import { FUNCTIONS } from '../../../shared/config/functions.ts';
import { CLIENT_MEMBERS } from '../../../shared/vault/stored-client.ts';

const REFERENCE = readFileSync(new URL('../../../docs/reference.md', import.meta.url), 'utf8');
const ROWS = REFERENCE.split('\n').filter((line) => line.startsWith('| `'));

/** The rows whose first cell names the member. */
function rowsOf(member: string): readonly string[] {
  return ROWS.filter((row) => row.split(' | ')[0]?.includes(`\`${member}\``));
}

/** Members that only say what the request is, or are documented by their own members. */
const NO_ROW_OF_ITS_OWN = ['action', 'client', 'quota'];

describe('the reference', () => {
  const members = Object.keys(RegisterRequest.entries).filter((name) => !NO_ROW_OF_ITS_OWN.includes(name));
  const nested = [
    ...Object.keys(CLIENT_MEMBERS).map((name) => `client.${name}`),
    ...Object.keys(QuotaInput.entries).map((name) => `quota.${name}`),
  ];
  for (const member of [...members, ...nested]) {
    it(`has a row for ${member}`, () => assert.notEqual(rowsOf(member).length, 0));
  }

  it('says how long each function has, and how much memory', () => {
    for (const [role, { timeoutSeconds, memoryMb }] of Object.entries(FUNCTIONS)) {
      const row = `| ${role} | ${timeoutSeconds} s | ${memoryMb} MB |`;
      assert.ok(REFERENCE.includes(row), row);
    }
    assert.ok(REFERENCE.includes(`It has ${FUNCTIONS.admin.timeoutSeconds} s for a request.`));
  });

  for (const [name, options] of Object.entries(RegisterRequest.entries).flatMap(closedList)) {
    it(`names every value of ${name}`, () => {
      const text = rowsOf(name).join('\n');
      assert.deepEqual(
        options.filter((value) => !text.includes(`\`${value}\``)),
        [],
      );
    });
  }
});

/** The values of a member that takes one of a list. */
function closedList([name, schema]: [string, { readonly type: string }]): [string, readonly string[]][] {
  const { wrapped = schema } = schema as { readonly wrapped?: { readonly type: string } };
  const { options } = wrapped as { readonly options?: readonly string[] };
  return wrapped.type === 'picklist' && options ? [[name, options]] : [];
}
