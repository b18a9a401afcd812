import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { MODES } from '../../shared/credential/settings.ts';
import type { Population } from './population.ts';

const MOST_CREDENTIALS = 9999;
const YEAR_SECONDS = 366 * 24 * 3600;

/** A mix that is none: one sentence that names the member. */
export class MixError extends Error {
  readonly code = 'invalid-mix';
  override readonly name = 'MixError';
}

const whole = (low: number, high: number) => {
  const message = `expected a whole number from ${low} to ${high}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(low, message), v.maxValue(high, message));
};
const name = v.pipe(
  v.string('expected a name'),
  v.regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'expected lower-case letters, digits and dashes'),
);
const object = <Entries extends v.ObjectEntries>(entries: Entries) =>
  v.strictObject(entries, (issue) =>
    issue.expected === 'never'
      ? 'is not a member that a mix has'
      : issue.expected === 'Object'
        ? 'expected an object'
        : 'is missing',
  );

const QUOTA = object({ limit: whole(1, 100_000), window_seconds: whole(1, 86_400) });
const READERS = object({
  secrets: v.optional(whole(0, 100)),
  read: v.optional(whole(0, 100)),
  every_seconds: v.optional(whole(1, 86_400)),
});
const CREDENTIALS = object({
  count: whole(1, MOST_CREDENTIALS),
  provider: name,
  mode: v.optional(v.picklist(MODES, `expected ${MODES.join(' or ')}`)),
  access_token_seconds: whole(60, YEAR_SECONDS),
  refresh_token_seconds: v.optional(whole(60, 10 * YEAR_SECONDS)),
  registered_refresh_token_seconds: v.optional(whole(60, 10 * YEAR_SECONDS)),
  states_refresh_life: v.optional(v.boolean('expected true or false')),
  readers: v.optional(READERS),
});
const MIX = object({
  providers: v.record(name, object({ quota: v.optional(QUOTA) }), 'expected an object of providers by name'),
  credentials: v.pipe(
    v.array(CREDENTIALS, 'expected a list of credentials that are alike'),
    v.minLength(1, 'expected at least one entry'),
  ),
});

/**
 * Reads a mix of populations (docs/reliability.md, "Other populations"). Throws {@link MixError}, whose message names
 * the member, what was expected, and never a value.
 */
export function readMix(path: string): Population[] {
  return parseMix(textOf(path));
}

/** {@link readMix} of a text. */
export function parseMix(text: string): Population[] {
  const json = jsonOf(text);
  if (Array.isArray(json)) throw new MixError('expected an object.');
  const parsed = v.safeParse(MIX, json, { abortEarly: true });
  if (!parsed.success) throw new MixError(sentence(parsed.issues[0]));
  const { providers, credentials } = parsed.output;
  const populations = credentials.map((each, index): Population => {
    const { count, provider, mode = 'fresh', readers: { every_seconds = 240, ...readers } = {} } = each;
    const known = Object.hasOwn(providers, provider) ? providers[provider] : undefined;
    if (!known)
      throw new MixError(`credentials.${index}.provider: expected one of the names under providers.`);
    const { access_token_seconds, refresh_token_seconds, states_refresh_life = false } = each;
    const { registered_refresh_token_seconds: registered } = each;
    const { quota } = known;
    return {
      count,
      mode,
      provider,
      ...(quota && { quota: { limit: quota.limit, windowMs: quota.window_seconds * 1000 } }),
      accessLifeMs: access_token_seconds * 1000,
      ...(refresh_token_seconds !== undefined && { refreshLifeMs: refresh_token_seconds * 1000 }),
      statesRefreshLife: states_refresh_life,
      ...(registered !== undefined && { registeredRefreshLifeMs: registered * 1000 }),
      // On demand nothing is published.
      readers: { secrets: mode === 'fresh' ? 2 : 0, read: 1, ...readers, everyMs: every_seconds * 1000 },
    };
  });
  const count = populations.reduce((sum, each) => sum + each.count, 0);
  if (count > MOST_CREDENTIALS)
    throw new MixError(`credentials: expected at most ${MOST_CREDENTIALS} in all.`);
  for (const [index, { mode, readers }] of populations.entries()) {
    if (mode === 'fresh' || readers.secrets === 0) continue;
    throw new MixError(
      `credentials.${index}.readers.secrets: expected 0 on demand, where nothing is published.`,
    );
  }
  return populations;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new MixError(`the file cannot be read (${code}).`);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MixError('expected a file with one JSON object.');
  }
}

function sentence({ message, path }: v.BaseIssue<unknown>): string {
  const where = (path ?? []).map(({ key }) => String(key)).join('.');
  const verb = message.startsWith('is ') ? ' ' : ': ';
  return where === '' ? `${message}.` : `${where}${verb}${message}.`;
}
