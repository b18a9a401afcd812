import * as v from 'valibot';
import { VERSION } from '../../shared/config/version.ts';
import type { JsonObject } from '../context.ts';
import { duration } from './duration.ts';
import type { Finding } from './findings.ts';

const text = v.optional(v.string());
/** What the functions say of themselves, read leniently: what an older version does not say is not judged. */
const Examined = v.object({
  unanswered: text,
  version: text,
  at: text,
  refresh: v.optional(
    v.object({ version: text, at: text, last_tick_at: text, rings: text, quota_table: text }),
    {},
  ),
});

/** A clock that is off by more breaks signatures, and makes every time that is shown a lie. */
const SKEWED_MS = 60_000;
/** The schedule ticks once a minute. */
const SILENT_MS = 3 * 60_000;

/** What is wrong with an environment beside its credentials and quotas. Pure. */
export function environmentFindings(answer: JsonObject, nowMs: number): readonly Finding[] {
  const { success, output } = v.safeParse(Examined, answer);
  if (!success) return [];
  const { unanswered, version, at, refresh } = output;
  return [
    ...noAnswer(unanswered),
    ...versions({
      commands: VERSION,
      'the admin function': version,
      'the refresh function': refresh.version,
    }),
    ...clock(at, nowMs),
    ...unreadable('seal-rings-unreadable', 'the seal key rings', refresh.rings),
    ...unreadable('quota-table-unreadable', 'the quota table', refresh.quota_table),
    ...ticks(refresh.last_tick_at, Date.parse(refresh.at ?? '')),
  ];
}

function noAnswer(code: string | undefined): Finding[] {
  if (code === undefined) return [];
  return [
    {
      code: 'refresh-unanswered',
      explanation: `The refresh function does not say how it is (${code}): as long as it does not run, nothing is refreshed.`,
      remedy: {
        text: 'See docs/operations.md, section refresh-errors, and the log of the refresh function.',
      },
    },
  ];
}

function versions(known: Readonly<Record<string, string | undefined>>): Finding[] {
  const said = Object.entries(known).filter(([, version]) => version !== undefined);
  if (new Set(said.map(([, version]) => version)).size <= 1) return [];
  const all = said.map(([part, version]) => `${part} ${version}`).join(', ');
  return [
    {
      code: 'versions-differ',
      explanation: `Not everything is of one version: ${all}.`,
      remedy: { text: 'Deploy the stack and use the commands of one version.' },
    },
  ];
}

function clock(at: string | undefined, nowMs: number): Finding[] {
  const skewMs = Math.abs(Date.parse(at ?? '') - nowMs);
  if (!(skewMs > SKEWED_MS)) return [];
  return [
    {
      code: 'clock-skewed',
      explanation: `The clock of this machine and that of the functions differ by ${duration(skewMs)}.`,
      remedy: { text: 'Set the clock of this machine; every time that is shown here is wrong until then.' },
    },
  ];
}

function unreadable(code: Finding['code'], what: string, reason: string | undefined): Finding[] {
  if (reason === undefined) return [];
  return [
    {
      code,
      explanation: `The refresh function cannot read ${what} (${reason}): nothing is refreshed until it can.`,
      remedy: { text: 'See docs/operations.md, section store-failures. Was there a deployment?' },
    },
  ];
}

function ticks(lastTickAt: string | undefined, nowMs: number): Finding[] {
  const silentMs = nowMs - Date.parse(lastTickAt ?? '');
  if (!(silentMs > SILENT_MS)) return [];
  return [
    {
      code: 'schedule-silent',
      explanation: `The schedule is silent: the last tick began ${duration(silentMs)} ago.`,
      remedy: { text: 'See docs/operations.md, section silence.' },
    },
  ];
}
