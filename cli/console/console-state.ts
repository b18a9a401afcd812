import { HISTORY_OUTCOMES } from '../../shared/credential/history.ts';
import type { Command } from '../../shared/failure/command.ts';
import { FAILURES, type FailureOutcome } from '../../shared/failure/failures.ts';
import type { JsonObject } from '../context.ts';
import { type HealthCode, healthOf } from '../format/health.ts';
import { printable } from '../format/printable.ts';
import type { Summary } from '../format/summary.ts';
import { nextTry } from '../format/summary-views.ts';
import { type Target, typedCommand } from '../target.ts';
import type {
  ConsoleButton,
  ConsoleChange,
  ConsoleCommand,
  ConsoleCredential,
  ConsoleEvent,
  ConsoleOutcome,
  ConsoleQuota,
  ConsoleState,
  Life,
  Tone,
} from './page-state.ts';

/** What the functions answered. */
export interface Looked {
  readonly credentials: readonly Summary[];
  readonly quotas: readonly JsonObject[];
  /** Events as the bus has them, newest first; absent where nobody keeps them. */
  readonly events?: readonly JsonObject[];
}

const SHOWN_EVENTS = 30;

/** The lines of the page about credentials, quotas and events at `nowMs`. Pure. */
export function consoleState(
  { credentials, quotas, events }: Looked,
  target: Target,
  nowMs: number,
): Pick<ConsoleState, 'credentials' | 'quotas' | 'events'> {
  const shown = inOrder(credentials.map((summary) => consoleCredential(summary, target, nowMs)));
  return {
    credentials: shown,
    quotas: quotas.flatMap(consoleQuota),
    events: (events ? events.flatMap(busEvent) : pastEvents(shown)).slice(0, SHOWN_EVENTS),
  };
}

const TONES: Readonly<Record<HealthCode, Tone>> = {
  healthy: 'good',
  'waiting-for-first-token': 'warn',
  paused: 'idle',
  'ended-while-paused': 'bad',
  lapsed: 'bad',
  failing: 'warn',
  late: 'bad',
  unpublished: 'warn',
  'client-refused': 'warn',
  'unprintable-token': 'bad',
  'unknown-state': 'warn',
};

const STATES: Readonly<Record<HealthCode, string>> = {
  healthy: 'well',
  'waiting-for-first-token': 'waiting',
  paused: 'paused',
  'ended-while-paused': 'ended',
  lapsed: 'lapsed',
  failing: 'failing',
  late: 'late',
  unpublished: 'unpublished',
  'client-refused': 'new secret refused',
  'unprintable-token': 'token of no use',
  'unknown-state': 'unknown',
};

const ORDER: readonly Tone[] = ['bad', 'warn', 'idle', 'good'];

/** What needs somebody first, and `c2` before `c10`. */
function inOrder(credentials: readonly ConsoleCredential[]): readonly ConsoleCredential[] {
  const { compare } = new Intl.Collator('en', { numeric: true });
  return [...credentials].sort(
    (a, b) => ORDER.indexOf(a.tone) - ORDER.indexOf(b.tone) || compare(a.id, b.id),
  );
}

function consoleCredential(summary: Summary, target: Target, nowMs: number): ConsoleCredential {
  const { code, sentence, remedy } = healthOf(summary, nowMs);
  const isExpired = Date.parse(summary.expires_at ?? '') <= nowMs;
  const history = rows(summary.history).flatMap(pastOutcome);
  return {
    id: summary.credential,
    provider: summary.provider ?? '',
    mode: summary.mode ?? '',
    state: STATES[code],
    tone: code === 'failing' && isExpired && summary.mode === 'fresh' ? 'bad' : TONES[code],
    sentence: printable(sentence),
    generation: summary.generation ?? 0,
    tags: texts(summary.tags),
    ...life('token', summary.issued_at, summary.expires_at, {
      ...(summary.refresh_after && { refreshAfter: summary.refresh_after }),
    }),
    ...(summary.state !== 'lapsed' &&
      life('chain', summary.refresh_token_issued_at, summary.refresh_token_expires_at, {})),
    ...(history[0] && { lastRefreshAt: history[0].at }),
    ...(summary.due_at && summary.state === 'active' && { nextRefreshAt: summary.due_at }),
    ...(remedy && {
      remedy: {
        waits: remedy.waits === true,
        text: remedy.waits
          ? `Nothing to do: tried again ${nextTry(summary, nowMs)}.`
          : printable(remedy.text),
        commands: [
          ...(remedy.command && !remedy.waits ? [consoleCommand(remedy.command, target)] : []),
          ...(remedy.otherwise
            ? [{ when: `If ${remedy.otherwise.when}`, ...consoleCommand(remedy.otherwise.command, target) }]
            : []),
        ],
      },
    }),
    history,
    changes: rows(summary.changes).flatMap(pastChange),
  };
}

function life<Name extends string, More extends object>(
  name: Name,
  from: string | null | undefined,
  until: string | null | undefined,
  more: More,
): { readonly [_ in Name]?: Life & More } {
  if (!from || !until) return {};
  return { [name]: { from, until, ...more } } as { readonly [_ in Name]?: Life & More };
}

function consoleCommand(command: Command, target: Target): ConsoleCommand {
  const button = buttonOf(command);
  return { line: printable(typedCommand(target, command)), ...(button && { button }) };
}

function buttonOf({ name, id }: Command): ConsoleButton | undefined {
  if (id === undefined) return undefined;
  if (name === 'resume') {
    const consequence = `Renova refreshes ${id} again, from its next tick on.`;
    return { label: 'Resume', action: 'resume', consequence };
  }
  if (name === 'refresh') {
    const consequence = `Renova sends the refresh token of ${id} to its provider now. The token that readers hold is replaced.`;
    return { label: 'Refresh now', action: 'refresh', consequence };
  }
  return undefined;
}

function pastOutcome({ at, generation, outcome, reason }: JsonObject): ConsoleOutcome[] {
  const code = text(outcome);
  if (typeof at !== 'string' || !code) return [];
  const why = text(reason) ? ` (${text(reason)})` : '';
  return [
    {
      at,
      generation: typeof generation === 'number' ? generation : 0,
      tone: OUTCOME_TONES[code] ?? 'warn',
      words: printable(`${outcomeInWords(code)}${why}`),
    },
  ];
}

const OUTCOME_TONES: Readonly<Record<string, Tone>> = { refreshed: 'good', adopted: 'good', lapsed: 'bad' };

function outcomeInWords(code: string): string {
  if (Object.hasOwn(HISTORY_OUTCOMES, code)) return HISTORY_OUTCOMES[code as keyof typeof HISTORY_OUTCOMES];
  return Object.hasOwn(FAILURES, code) ? FAILURES[code as FailureOutcome].explanation : code;
}

function pastChange({ at, change, settings, by }: JsonObject): ConsoleChange[] {
  if (typeof at !== 'string' || typeof change !== 'string') return [];
  const what = Array.isArray(settings) ? `: ${settings.join(', ')}` : '';
  const who = text(by) ? `, by ${text(by)}` : '';
  return [{ at, words: printable(`${change}${what}${who}`) }];
}

/** From here on the quota is nearly used up (`doctor` says so too). */
const BUSY_PERCENT = 80;

function consoleQuota(quota: JsonObject): ConsoleQuota[] {
  const { key, limit, window_seconds, in_use, in_use_of, used_percent, closed_until } = quota;
  if (typeof key !== 'string' || typeof limit !== 'number') return [];
  const isBusy = typeof used_percent === 'number' && used_percent > BUSY_PERCENT;
  return [
    {
      key: printable(key),
      limit: typeof in_use_of === 'number' ? in_use_of : limit,
      windowSeconds: typeof window_seconds === 'number' ? window_seconds : 0,
      tone: typeof closed_until === 'string' || isBusy ? 'warn' : 'good',
      ...(typeof in_use === 'number' && { used: in_use }),
      ...(typeof used_percent === 'number' && { demandPercent: used_percent }),
      ...(typeof closed_until === 'string' && { closedUntil: closed_until }),
    },
  ];
}

const EVENT_TONES: Readonly<Record<string, Tone>> = {
  'Credential Recovered': 'good',
  'Credential Lapsed': 'bad',
  'Credential Misconfigured': 'bad',
  'Refresh Token Lapsing': 'bad',
};

/** An event of the bus; that a token was refreshed shows in each credential's own history. */
function busEvent({ 'detail-type': type, detail }: JsonObject): ConsoleEvent[] {
  const { at, credential, explanation } = (detail ?? {}) as JsonObject;
  if (typeof type !== 'string' || type === 'Token Refreshed' || typeof at !== 'string') return [];
  return [
    {
      at,
      tone: EVENT_TONES[type] ?? 'warn',
      title: printable(type),
      words: printable(text(explanation) ?? ''),
      ...(typeof credential === 'string' && { credential }),
    },
  ];
}

/** Where no events are kept: what the credentials remember but for what went as it should. */
function pastEvents(credentials: readonly ConsoleCredential[]): ConsoleEvent[] {
  const events = credentials.flatMap(({ id, history, changes }) => [
    ...history.map(({ at, tone, words }) => ({ at, tone, id, words })),
    ...changes.map(({ at, words }) => ({ at, tone: 'idle' as const, id, words })),
  ]);
  return together(events.sort((a, b) => Date.parse(b.at) - Date.parse(a.at)));
}

interface PastEvent extends Pick<ConsoleEvent, 'at' | 'tone' | 'words'> {
  readonly id: string;
}

/** What goes on is one event of each credential, at its newest time, and the same of many credentials is one of all. */
function together(newestFirst: readonly PastEvent[]): ConsoleEvent[] {
  const last = new Map<string, string>();
  const groups: { readonly event: PastEvent; readonly ids: Set<string> }[] = [];
  for (const event of newestFirst) {
    const goesOn = last.get(event.id) === event.words;
    last.set(event.id, event.words);
    if (goesOn || event.tone === 'good') continue;
    const before = groups.at(-1);
    const isSame = before?.event.words === event.words && before.event.tone === event.tone;
    if (isSame && !before.ids.has(event.id)) before.ids.add(event.id);
    else groups.push({ event, ids: new Set([event.id]) });
  }
  return groups.map(({ event: { at, tone, words, id }, ids }) => ({
    at,
    tone,
    words,
    title: ids.size === 1 ? id : `${id} and ${ids.size - 1} more`,
    ...(ids.size === 1 && { credential: id }),
  }));
}

function rows(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'object' && one !== null) : [];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function texts(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, one]) =>
      typeof one === 'string' ? [[printable(name), printable(one)]] : [],
    ),
  );
}
