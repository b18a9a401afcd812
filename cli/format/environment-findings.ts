import * as v from 'valibot';
import { VERSION } from '../../shared/config/version.ts';
import { profiles } from '../../shared/provider/profiles.ts';
import type { AccountFacts } from '../account/look.ts';
import type { JsonObject } from '../context.ts';
import type { Target } from '../target.ts';
import { duration } from './duration.ts';
import type { Finding } from './findings.ts';
import type { Summary } from './summary.ts';

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
  read: v.optional(v.object({ unanswered: text, version: text, ledger: text, ring: text }), {}),
});

/** A clock that is off by more breaks signatures, and makes every time that is shown a lie. */
const SKEWED_MS = 60_000;
/** The schedule ticks once a minute. */
const SILENT_MS = 3 * 60_000;

/** What is wrong with an environment beside its credentials and quotas. Pure. */
export function environmentFindings(answer: JsonObject, nowMs: number): readonly Finding[] {
  const { success, output } = v.safeParse(Examined, answer);
  if (!success) return [];
  const { version, at, refresh, read } = output;
  return [
    ...noAnswer(output.unanswered),
    ...versions({
      commands: VERSION,
      'the admin function': version,
      'the refresh function': refresh.version,
      'the read function': read.version,
    }),
    ...clock(at, nowMs),
    ...unreadable('seal-rings-unreadable', 'the seal key rings', refresh.rings),
    ...unreadable('quota-table-unreadable', 'the quota table', refresh.quota_table),
    ...reading(read),
    ...ticks(refresh.last_tick_at, Date.parse(refresh.at ?? '')),
  ];
}

function noAnswer(code: string | undefined): Finding[] {
  if (code === undefined) return [];
  return [
    {
      code: 'refresh-unanswered',
      explanation: `The refresh function did not answer (${code}): while it does not run, nothing is refreshed.`,
      remedy: {
        text: 'See docs/operations.md, section refresh-errors, and the log of the refresh function.',
      },
    },
  ];
}

/** What is wrong where the admin function could not say what is registered. */
export function unanswered(code: string | undefined): Finding[] {
  if (code === undefined) return [];
  return [
    {
      code: 'admin-unanswered',
      explanation: `The admin function does not say what is registered (${code}): credentials and quotas were not looked at.`,
      remedy: { text: 'See docs/operations.md, sections admin-errors and store-failures.' },
    },
  ];
}

/** A provider that takes requests from addresses alone that were entered, and a function without one that stays. */
export function addressFindings(
  credentials: readonly Summary[],
  { env, localEndpoint }: Target,
  { egress_addresses: addresses }: AccountFacts,
): Finding[] {
  const first = credentials.find(({ provider }) => knownProfile(provider)?.addressesEntered?.[env]);
  if (localEndpoint !== undefined || !first || addresses?.length !== 0) return [];
  const name = knownProfile(first.provider)?.knowledge.title;
  return [
    {
      code: 'address-not-fixed',
      explanation: `${name} accepts requests only from addresses that were entered there, and those of ${first.credential} come from changing addresses.`,
      remedy: { text: 'Deploy with the setting network: fixed-address (docs/deploy.md, "A fixed address").' },
    },
  ];
}

function reading({
  unanswered: code,
  ledger,
  ring,
}: Readonly<Record<string, string | undefined>>): Finding[] {
  const remedy = { text: 'See docs/operations.md, sections read-errors and read-api-errors.' };
  if (code !== undefined) {
    const explanation = `The read function did not answer (${code}): readers may get no token from it.`;
    return [{ code: 'read-unanswered', explanation, remedy }];
  }
  const missing = [
    ...(ledger === undefined ? [] : [`read the ledger (${ledger})`]),
    ...(ring === undefined ? [] : [`read the seal ring of access tokens (${ring})`]),
  ];
  if (missing.length === 0) return [];
  const explanation = `The read function cannot ${missing.join(' or ')}: it serves what it has in memory, then nothing.`;
  return [{ code: 'read-cannot-read', explanation, remedy }];
}

function versions(known: Readonly<Record<string, string | undefined>>): Finding[] {
  const said = Object.entries(known).filter(([, version]) => version !== undefined);
  if (new Set(said.map(([, version]) => version)).size <= 1) return [];
  const all = said.map(([part, version]) => `${part} ${version}`).join(', ');
  return [
    {
      code: 'versions-differ',
      explanation: `Not everything has the same version: ${all}.`,
      remedy: { text: 'Deploy the stack and install the commands in the same version.' },
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

function knownProfile(provider: string | null | undefined) {
  return profiles.get(provider ?? '');
}
