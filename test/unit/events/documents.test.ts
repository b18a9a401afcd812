import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  EVENT_MEMBERS,
  EVENT_TYPES,
  EVENTS,
  isAlert,
  MAILS,
  runbookOf,
} from '../../../shared/config/events.ts';
import { everyEvent } from '../../support/every-event.ts';

const read = (page: string) => readFileSync(new URL(`../../../docs/${page}`, import.meta.url), 'utf8');
const rowsOf = (text: string) => text.split('\n').filter((line) => line.startsWith('| `'));
const [, section = ''] = read('reference.md').split('\n## Events\n');
const [ofTypes = '', ofMembers = ''] = (section.split('\n## ')[0] ?? '').split('| member of `detail`');

describe('the events', () => {
  it('are those of the reference, word for word', () => {
    const expected = Object.entries(EVENTS).map(([type, { when }]) => `| \`${type}\` | ${when} |`);
    assert.deepEqual(rowsOf(ofTypes), expected);
  });

  it('have the members of the reference, word for word, and no other', () => {
    const expected = Object.entries(EVENT_MEMBERS).map(
      ([name, [type, where]]) => `| \`${name}\` | ${type} | ${where} |`,
    );
    assert.deepEqual(rowsOf(ofMembers), expected);
    for (const { detail } of everyEvent('prd')) {
      for (const member of Object.keys(detail)) assert.ok(member in EVENT_MEMBERS, member);
    }
  });

  it('can all be told', () => {
    const told = new Set(everyEvent('prd').map(({ type }) => type));
    // Of a provider, and so of no record: told-once.test.ts tells it.
    assert.deepEqual([...told, 'Provider Failing'].toSorted(), [...EVENT_TYPES].toSorted());
  });

  it('that alert lead to a section of the handbook', () => {
    const headings = [...read('operations.md').matchAll(/^### (.*)$/gm)].map(([, heading]) => heading);
    for (const type of EVENT_TYPES.filter(isAlert)) {
      assert.ok(headings.includes(type), type);
      assert.equal(runbookOf(type), `docs/operations.md#${type.toLowerCase().replaceAll(' ', '-')}`);
    }
    assert.equal(
      runbookOf('Test Alert', 'https://wiki.example/renova'),
      'https://wiki.example/renova#test-alert',
    );
  });

  it('have what their mails name', () => {
    const named = (lines: readonly string[]) =>
      [...lines.join('\n').matchAll(/\{([a-z_]+)\}/g)].map(([, name = '']) => name);
    for (const { type, detail, name } of everyEvent('prd')) {
      for (const mail of EVENTS[type].mails) {
        for (const member of named(MAILS[mail].lines)) {
          if (member === 'type') continue;
          assert.ok(detail[member as keyof typeof detail], `${name}: ${member}`);
        }
      }
    }
  });
});
