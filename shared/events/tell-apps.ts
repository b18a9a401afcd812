import * as v from 'valibot';
import { runbookOf } from '../config/events.ts';
import { CLIENT_REFUSED_TICKS, WARNING_DAYS } from '../credential/announcements.ts';
import type { CredentialRecord } from '../credential/credential.ts';
import type { Remedy } from '../failure/command.ts';
import { errorFields } from '../log/log.ts';
import { publishAll } from './announce.ts';
import type { RenovaEvent } from './event-publisher.ts';
import { days, rendered } from './render-event.ts';
import type { TellContext } from './tell-troubles.ts';

/** What was told of the client of an app. */
interface ToldApp {
  /** The last warning before the end of its client secret, and that end. */
  readonly days?: number;
  readonly endMs?: number;
  /** When its new client secret was last seen to be refused, which was told. */
  readonly refusedSeenMs?: number;
}

const Stored = v.record(
  v.string(),
  v.object({
    days: v.optional(v.number()),
    endMs: v.optional(v.number()),
    refusedSeenMs: v.optional(v.number()),
  }),
);

const DAY_MS = 24 * 60 * 60_000;

/**
 * Tells of the clients of apps, each once for all of its credentials: the coming end of a client secret, and a new one
 * that the provider refuses. Never rejects.
 */
export async function tellApps(context: TellContext, records: readonly CredentialRecord[]): Promise<void> {
  const { timestamps, log } = context;
  const users = records.filter(({ app, state }) => app !== undefined && state !== 'removed');
  const isConcerned = ({ clientExpiresAtMs, clientRefusedAtMs }: CredentialRecord) =>
    clientExpiresAtMs !== undefined || clientRefusedAtMs !== undefined;
  if (!users.some(isConcerned)) return;
  try {
    const before = toldApps(await timestamps.recall('apps'));
    const after: Record<string, ToldApp> = { ...before };
    for (const [app, some] of Map.groupBy(users, ({ app = '' }) => app)) {
      const told = await tellApp(context, app, some, before[app] ?? {});
      if (told) after[app] = told;
    }
    const isChanged = Object.keys(after).some((app) => after[app] !== before[app]);
    if (isChanged) await timestamps.note('apps', (now) => ({ ...toldApps(now), ...after }));
  } catch (error) {
    log.warn('apps not told', errorFields(error));
  }
}

function toldApps(note: unknown): Readonly<Record<string, ToldApp>> {
  const { success, output } = v.safeParse(Stored, note);
  return success ? output : {};
}

/** What is to be remembered of it; undefined: nothing new. */
async function tellApp(
  context: TellContext,
  app: string,
  users: readonly CredentialRecord[],
  told: ToldApp,
): Promise<ToldApp | undefined> {
  const { clock, timing } = context;
  const nowMs = clock.nowMs();
  const expiring = dueWarning(users, told, nowMs, timing.scale);
  const refused = dueRefusal(users, told, nowMs, timing.tickMs);
  const events = [
    ...(expiring ? [clientExpiring(context, app, users, expiring)] : []),
    ...(refused?.isNew ? [clientRefused(context, app, users)] : []),
  ];
  if (!expiring && !refused) return undefined;
  if (events.length > 0 && !(await publishAll(context, events))) return undefined;
  return { ...told, ...expiring, ...(refused && { refusedSeenMs: nowMs }) };
}

/** The last warning that is due and was not told of this end. */
function dueWarning(
  users: readonly CredentialRecord[],
  told: ToldApp,
  nowMs: number,
  scale: number,
): { readonly days: number; readonly endMs: number } | undefined {
  const ends = users.flatMap(({ clientExpiresAtMs }) => clientExpiresAtMs ?? []);
  if (ends.length === 0) return undefined;
  const endMs = Math.max(...ends);
  const due = WARNING_DAYS.filter((days) => endMs - (days * DAY_MS) / scale <= nowMs).at(-1);
  const isTold = told.endMs === endMs && due !== undefined && (told.days ?? Number.POSITIVE_INFINITY) <= due;
  return due === undefined || isTold ? undefined : { days: due, endMs };
}

/** A new client secret has been refused for long enough; `isNew`: it is not the refusal that was told. */
function dueRefusal(
  users: readonly CredentialRecord[],
  { refusedSeenMs }: ToldApp,
  nowMs: number,
  tickMs: number,
): { readonly isNew: boolean } | undefined {
  const sinceMs = Math.min(
    ...users.map(({ clientRefusedAtMs = Number.POSITIVE_INFINITY }) => clientRefusedAtMs),
  );
  if (sinceMs + CLIENT_REFUSED_TICKS * tickMs > nowMs) return undefined;
  return { isNew: refusedSeenMs === undefined || sinceMs > refusedSeenMs };
}

function clientExpiring(
  context: TellContext,
  app: string,
  users: readonly CredentialRecord[],
  due: { readonly days: number; readonly endMs: number },
): RenovaEvent {
  const end = new Date(due.endMs).toISOString();
  return ofApp(context, 'Client Secret Expiring', app, users, {
    days_left: due.days,
    explanation: `The client secret or certificate of the app ${app} ends in ${days(due.days)} or less; then the refreshes of all of its credentials are refused.`,
    outlook: `Its credentials are refreshed until ${end}.`,
    remedy: { text: 'Get a new one at the provider, and give it:', command: { name: 'app put', id: app } },
  });
}

function clientRefused(context: TellContext, app: string, users: readonly CredentialRecord[]): RenovaEvent {
  return ofApp(context, 'Credential Misconfigured', app, users, {
    explanation: `The provider refuses the new client secret of the app ${app}; the one before it is used, and works until the provider ends it.`,
    outlook: 'Its credentials are refreshed until then.',
    remedy: { text: 'Give the right one before that:', command: { name: 'app put', id: app } },
  });
}

/** `*`: it is about all credentials of the app. */
function ofApp(
  { environment, clock, links = {} }: TellContext,
  type: 'Client Secret Expiring' | 'Credential Misconfigured',
  app: string,
  users: readonly CredentialRecord[],
  {
    remedy,
    ...detail
  }: Pick<RenovaEvent['detail'], 'days_left' | 'outlook' | 'explanation'> & { readonly remedy: Remedy },
): RenovaEvent {
  const [user] = users;
  return {
    type,
    detail: {
      environment,
      credential: '*',
      provider: user?.provider ?? app,
      app,
      generation: 0,
      at: new Date(clock.nowMs()).toISOString(),
      ...detail,
      ...rendered(remedy, environment, links),
      runbook: runbookOf(type, links.runbook),
    },
  };
}
