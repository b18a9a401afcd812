import type { JsonObject } from '../context.ts';
import { moment } from './duration.ts';
import { printable } from './printable.ts';
import { keyValues, table } from './table.ts';

/**
 * An answer as it is, for people: aligned lines for what is single, a table for each list of objects, text
 * of several lines below its name. Absent members and empty text are left out.
 */
export function details(answer: JsonObject, nowMs: number): string {
  const pairs: [string, string][] = [];
  const blocks: string[] = [];
  for (const [member, value] of Object.entries(answer)) {
    if (value === undefined || value === null || value === '') continue;
    const label = words(member);
    if (isTable(value)) blocks.push(`\n${label}\n${rowsOf(value, nowMs)}`);
    else {
      const said = sayValue(member, value, nowMs);
      if (said.includes('\n')) blocks.push(`\n${label}\n${said.trimEnd()}\n`);
      else pairs.push([label, said]);
    }
  }
  const lines = keyValues(pairs) + blocks.join('');
  return lines.replace(/^\n/, '');
}

/** A member's name in words: `token_url` is `token url`. */
export function words(member: string): string {
  return printable(member).replaceAll('_', ' ');
}

/** Members that hold an RFC 3339 time, by how they end. */
const A_TIME = /(^|_)(at|since|until|after)$/;

function sayValue(member: string, value: unknown, nowMs: number): string {
  if (typeof value === 'string') return printable(A_TIME.test(member) ? moment(value, nowMs) : value);
  if (Array.isArray(value)) {
    return value.length === 0 ? 'none' : value.map((one) => sayValue('', one, nowMs)).join(', ');
  }
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value).filter(([, one]) => one !== undefined && one !== null);
  return members.map(([name, one]) => `${words(name)} ${sayValue(name, one, nowMs)}`).join(', ');
}

function isTable(value: unknown): value is readonly JsonObject[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((row) => typeof row === 'object' && row !== null && !Array.isArray(row))
  );
}

function rowsOf(rows: readonly JsonObject[], nowMs: number): string {
  const members = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cell = (row: JsonObject, member: string) => {
    const value = row[member];
    return value === undefined || value === null ? '-' : sayValue(member, value, nowMs);
  };
  return table(
    members.map(words),
    rows.map((row) => members.map((member) => cell(row, member))),
  );
}
