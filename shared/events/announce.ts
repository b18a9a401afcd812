import { type Announcement, announcements } from '../credential/announcements.ts';
import { applyTransition, type TransitionContext } from '../credential/apply-transition.ts';
import type { Announced, CredentialRecord } from '../credential/credential.ts';
import { noteAnnounced } from '../credential/transitions/notes.ts';
import { errorFields, type Log } from '../log/log.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { EventPublisher, RenovaEvent } from './event-publisher.ts';
import { type EventLinks, renderEvent } from './render-event.ts';

export interface AnnounceContext extends TransitionContext {
  readonly environment: string;
  /** Where texts lead to; absent: to the handbook of this repository, and to AWS. */
  readonly links?: EventLinks;
  readonly events: EventPublisher;
  readonly log: Log;
  readonly telemetry: Telemetry;
}

/** What is due to be told of a record now, and what is remembered once the bus has accepted it. */
export interface Due {
  readonly announcements: readonly Announcement[];
  readonly told: Partial<Announced>;
}

/**
 * Which part of what is due: what a credential may have in common with others of its provider (`shared`: that it fails),
 * which the tick tells because it sees them, or what is its own. Each part has one teller at a time.
 */
export type Part = 'own' | 'shared' | 'all';

/** What is due to be told of `record` now: of each type the last, and all that is only remembered. */
export function dueNow(context: AnnounceContext, record: CredentialRecord, part: Part): Due {
  const nowMs = context.clock.nowMs();
  const due = announcements(remembered(context, record), context.timing).filter(
    ({ atMs, type }) => atMs <= nowMs && (part === 'all' || isShared(type) === (part === 'shared')),
  );
  const told: Partial<Announced> = Object.assign({}, ...due.map((each) => each.told));
  return { announcements: [...new Map(due.map((each) => [each.type, each])).values()], told };
}

/** True for what many credentials of one provider may have in common. */
export function isShared(type: Announcement['type']): boolean {
  return type === 'Refresh Failing' || type === 'Credential Misconfigured' || type === 'Token Unpublished';
}

/** The events of what is due; what is only remembered has none. */
export function eventsOf(context: AnnounceContext, record: CredentialRecord, due: Due): RenovaEvent[] {
  const { environment, clock, links } = context;
  return due.announcements.flatMap((each) =>
    each.type === undefined
      ? []
      : [renderEvent(environment, record, { ...each, type: each.type }, clock.nowMs(), links)],
  );
}

/**
 * Hands what is due to the bus. True if there was something and it was accepted: then remember it with
 * {@link noteAnnounced}. A refusal is logged and counted; the same is offered again at the next tick.
 */
export async function offer(
  context: AnnounceContext,
  record: CredentialRecord,
  due: Due,
  signal?: AbortSignal,
): Promise<boolean> {
  if (due.announcements.length === 0) return false;
  return publishAll(context, eventsOf(context, record, due), signal);
}

/** How many events the bus takes at once. */
const AT_ONCE = 10;

/** True when the bus has accepted all of them. */
export async function publishAll(
  { events: bus, telemetry, log }: AnnounceContext,
  events: readonly RenovaEvent[],
  signal?: AbortSignal,
): Promise<boolean> {
  for (let at = 0; at < events.length; at += AT_ONCE) {
    const some = events.slice(at, at + AT_ONCE);
    try {
      await bus.publish(some, signal);
    } catch (error) {
      telemetry.count('EventsRefused', some.length);
      const [first] = some;
      log.warn('events not accepted', { credential: first?.detail.credential, ...errorFields(error) });
      return false;
    }
  }
  return true;
}

/** Tells what is due of a credential as the ledger has it now, but its troubles. Rejects with `StoreUnavailableError`. */
export async function announce(context: AnnounceContext, credential: string): Promise<void> {
  const record = await context.ledger.load(credential);
  if (!record) return;
  const due = dueNow(context, record, 'own');
  if (await offer(context, record, due)) await remember(context, record, due.told);
}

/**
 * What was told and the ledger did not take, by credential: a ledger that refuses writes must not have the same told at
 * every tick. In this container's memory only: another one may tell it once more.
 */
const untaken = new WeakMap<object, Map<string, Partial<Announced>>>();

/** Remembers what was told; where the ledger does not take it, in memory until it does. Never rejects. */
export async function remember(
  context: AnnounceContext,
  record: CredentialRecord,
  told: Partial<Announced>,
): Promise<void> {
  const { ledger, log } = context;
  const { credential } = record;
  const kept = untaken.get(ledger) ?? new Map<string, Partial<Announced>>();
  untaken.set(ledger, kept);
  const all = { ...kept.get(credential), ...told };
  try {
    await applyTransition(context, credential, (now) => noteAnnounced(now, all), record);
    kept.delete(credential);
  } catch (error) {
    kept.set(credential, all);
    log.warn('not announced', { credential, ...errorFields(error) });
  }
}

function remembered({ ledger }: AnnounceContext, record: CredentialRecord): CredentialRecord {
  const told = untaken.get(ledger)?.get(record.credential);
  return told ? noteAnnounced(record, told) : record;
}
