import type { Command, Remedy } from '../../shared/failure/command.ts';
import type { JsonObject } from '../context.ts';
import { duration } from './duration.ts';
import { type HealthCode, healthOf } from './health.ts';
import type { Summary } from './summary.ts';
import { nextTry } from './summary-views.ts';

/** What is wrong with an environment, not with what is registered in it. */
export type EnvironmentCode =
  | 'versions-differ'
  | 'clock-skewed'
  | 'seal-rings-unreadable'
  | 'quota-table-unreadable'
  | 'refresh-unanswered'
  | 'read-unanswered'
  | 'read-cannot-read'
  | 'admin-unanswered'
  | 'table-missing'
  | 'table-unusable'
  | 'function-missing'
  | 'function-broken'
  | 'function-stopped'
  | 'function-misconfigured'
  | 'permission-missing'
  | 'schedule-off'
  | 'dead-letters'
  | 'nobody-subscribed'
  | 'subscription-unconfirmed'
  | 'alerts-off'
  | 'alarm-ringing'
  | 'address-not-fixed';

/** Something that is not well, as a stable code and a sentence, with what fixes it or tells more. */
export interface Finding {
  readonly code: HealthCode | 'schedule-silent' | 'quota-nearly-used' | 'client-expiring' | EnvironmentCode;
  readonly credential?: string;
  readonly explanation: string;
  readonly remedy: Remedy;
  /** When Renova tries again by itself, where it does: `in 12 s`. */
  readonly again?: string;
}

/** The schedule ticks once a minute; what has been due for longer than this was seen by none. */
const SILENT_MS = 3 * 60_000;
/** From here on the alarm of the stack rings too (docs/operations.md). */
const BUSY_PERCENT = 80;
const DAY_MS = 24 * 60 * 60_000;
/** From here on `Client Secret Expiring` is told. */
const EXPIRING_DAYS = 30;

/** Everything about credentials, their schedule and their quotas that a person should look at. Pure. */
export function findings(
  credentials: readonly Summary[],
  quotas: readonly JsonObject[],
  nowMs: number,
): readonly Finding[] {
  return [
    ...silence(credentials, nowMs),
    ...credentials.flatMap((summary) => ill(summary, nowMs)),
    ...expiring(credentials, nowMs),
    ...quotas.flatMap(busy),
  ];
}

function ill(summary: Summary, nowMs: number): Finding[] {
  const { code, sentence, remedy } = healthOf(summary, nowMs);
  if (!remedy) return [];
  const again = remedy.waits ? nextTry(summary, nowMs) : undefined;
  const finding = { code, credential: summary.credential, explanation: sentence, remedy: ofDoctor(remedy) };
  return [{ ...finding, ...(again && { again }) }];
}

/** Who reads a finding has typed `doctor` already: it leads on from there. */
function ofDoctor(remedy: Remedy): Remedy {
  const { command, otherwise } = remedy;
  if (command?.name !== 'doctor') return remedy;
  const unless = 'If nothing else that stands here is the cause,';
  return otherwise
    ? { text: `${unless} see whether ${otherwise.when}:`, command: otherwise.command }
    : { text: `${unless} see in the log of the refresh function what ends it.` };
}

function silence(credentials: readonly Summary[], nowMs: number): Finding[] {
  const dueMs = credentials
    .map(({ due_at }) => Date.parse(due_at ?? ''))
    .filter((atMs) => !Number.isNaN(atMs));
  const lateMs = nowMs - Math.min(...dueMs);
  if (!(lateMs > SILENT_MS)) return [];
  return [
    {
      code: 'schedule-silent',
      explanation: `The schedule may be silent: something has been due for ${duration(lateMs)}, and no tick has done it.`,
      remedy: { text: 'See docs/operations.md, section silence.' },
    },
  ];
}

/** Each client secret once: that of an app is many credentials'. */
function expiring(summaries: readonly Summary[], nowMs: number): Finding[] {
  const byClient = Map.groupBy(summaries, ({ app, credential }) => (app ? `app ${app}` : credential));
  return [...byClient.values()].flatMap((users) => {
    const first = users.find(({ client_expires_at }) => client_expires_at);
    const endMs = Date.parse(first?.client_expires_at ?? '');
    if (!first || !(endMs - nowMs <= EXPIRING_DAYS * DAY_MS)) return [];
    const when = endMs <= nowMs ? 'has come to its end' : `ends in ${duration(endMs - nowMs, 1)}`;
    return [{ code: 'client-expiring' as const, ...expiringClient(first, users.length, when) }];
  });
}

function expiringClient({ app, credential }: Summary, users: number, when: string): Omit<Finding, 'code'> {
  const text = 'Get a new one at the provider, and give it:';
  if (!app) {
    const command: Command = { name: 'update', id: credential, flags: ['--client'] };
    const explanation = `The client secret or certificate of ${credential} ${when}.`;
    return { credential, explanation, remedy: { text, command } };
  }
  const many = users === 1 ? `1 credential uses it` : `${users} credentials use it`;
  return {
    explanation: `The client secret or certificate of the app ${app} ${when}; ${many}.`,
    remedy: { text, command: { name: 'app put', id: app } },
  };
}

function busy({ key, used_percent }: JsonObject): Finding[] {
  if (typeof used_percent !== 'number' || used_percent <= BUSY_PERCENT) return [];
  return [
    {
      code: 'quota-nearly-used',
      explanation: `The quota ${String(key)} is nearly used up: its credentials need ${String(used_percent)} % of it, and beyond 100 % tokens expire before their turn.`,
      remedy: {
        text: 'Give it a larger limit (update --quota-limit) if the provider grants one, or have fewer credentials of it fresh (update --mode on-demand). See the arithmetic:',
        command: { name: 'capacity' },
      },
    },
  ];
}
