import {
  type EventPublisher,
  EventsRefusedError,
  type RenovaEvent,
} from '../../../shared/events/event-publisher.ts';

/** {@link EventPublisher} that remembers what it accepted, and refuses while `refusing` is set. */
export class MemoryEventPublisher implements EventPublisher {
  readonly accepted: RenovaEvent[] = [];
  refusing = false;

  async publish(events: readonly RenovaEvent[]): Promise<void> {
    if (this.refusing) throw new EventsRefusedError('Refused on demand.');
    this.accepted.push(...events);
  }
}
