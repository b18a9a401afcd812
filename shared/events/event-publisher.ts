import type { EventType } from '../credential/announcements.ts';

/** What happened to a credential, or a test of the alerts. Times are RFC 3339, UTC. Nothing in it is secret. */
export interface RenovaEvent {
  readonly type: EventType | 'Test Alert';
  readonly detail: EventDetail;
}

export interface EventDetail {
  readonly environment: string;
  readonly credential: string;
  readonly provider: string;
  readonly generation: number;
  readonly at: string;
  readonly expires_at?: string;
  readonly refresh_token_expires_at?: string;
  readonly failing_since?: string;
  readonly attempts?: number;
  readonly hours_left?: number;
  /** Stable code. */
  readonly reason?: string;
  /** A sentence: what it means. */
  readonly explanation: string;
  /** A sentence with the command that mends it. */
  readonly remedy?: string;
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
