import { type Announcement, announcements } from '../credential/announcements.ts';
import { applyTransition, type TransitionContext } from '../credential/apply-transition.ts';
import type { CredentialRecord } from '../credential/credential.ts';
import { noteAnnounced } from '../credential/transitions/notes.ts';
import { errorFields, type Log } from '../log/log.ts';
import type { EventPublisher } from './event-publisher.ts';
import { renderEvent } from './render-event.ts';

export interface AnnounceContext extends TransitionContext {
  readonly environment: string;
  readonly events: EventPublisher;
  readonly log: Log;
}

/** What is due to be told of `record` now, the last of each type. */
export function dueAnnouncements(
  context: AnnounceContext,
  record: CredentialRecord,
): readonly Announcement[] {
  const nowMs = context.clock.nowMs();
  const due = announcements(record, context.timing).filter(({ atMs }) => atMs <= nowMs);
  return [...new Map(due.map((announcement) => [announcement.type, announcement])).values()];
}

/**
 * Hands what is due to the bus. True if there was something and it was accepted: then remember it with
 * {@link withAnnounced}. A refusal is logged; the same is offered again at the next tick.
 */
export async function offer(
  context: AnnounceContext,
  record: CredentialRecord,
  due: readonly Announcement[],
  signal?: AbortSignal,
): Promise<boolean> {
  if (due.length === 0) return false;
  const nowMs = context.clock.nowMs();
  try {
    const events = due.map((announcement) => renderEvent(context.environment, record, announcement, nowMs));
    await context.events.publish(events, signal);
    return true;
  } catch (error) {
    context.log.warn('events not accepted', { credential: record.credential, ...errorFields(error) });
    return false;
  }
}

/** The record, remembering what was told. */
export function withAnnounced(record: CredentialRecord, due: readonly Announcement[]): CredentialRecord {
  return noteAnnounced(record, Object.assign({}, ...due.map((announcement) => announcement.told)));
}

/** Tells what is due of a credential as the ledger has it now. Rejects with `StoreUnavailableError`. */
export async function announce(context: AnnounceContext, credential: string): Promise<void> {
  const record = await context.ledger.load(credential);
  if (!record) return;
  const due = dueAnnouncements(context, record);
  if (await offer(context, record, due))
    await applyTransition(context, credential, (now) => withAnnounced(now, due), record);
}
