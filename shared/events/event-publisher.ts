import type { EventMember, EventType } from '../config/events.ts';
import type { Command } from '../failure/command.ts';

/** Something that happened to a credential or a provider, or a test of the alerts. Nothing in it is secret. */
export interface RenovaEvent {
  readonly type: EventType;
  readonly detail: EventDetail;
}

/** Times are RFC 3339, UTC. What the members mean, and which events have them, is in {@link EVENT_MEMBERS}. */
export interface EventDetail extends Readonly<Partial<Record<EventMember, unknown>>> {
  readonly environment: string;
  readonly credential: string;
  readonly provider: string;
  readonly app?: string;
  readonly generation: number;
  readonly at: string;
  readonly expires_at?: string;
  readonly refresh_token_expires_at?: string;
  readonly failing_since?: string;
  readonly attempts?: number;
  readonly hours_left?: number;
  readonly days_left?: number;
  readonly credentials?: number;
  readonly reason?: string;
  readonly explanation: string;
  readonly outlook?: string;
  readonly remedy?: string;
  readonly command?: Command;
  readonly runbook?: string;
}

/** The one outlet for events. */
export interface EventPublisher {
  /**
   * Hands over events, up to 10. Resolves when all are accepted; rejects with {@link EventsRefusedError}
   * when any is not, and then all are offered again later.
   */
  publish(events: readonly RenovaEvent[], signal?: AbortSignal): Promise<void>;
}

/** The bus could not be reached or did not accept every event. */
export class EventsRefusedError extends Error {
  readonly code = 'events-refused';
  override readonly name = 'EventsRefusedError';
}
