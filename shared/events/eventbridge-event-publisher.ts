import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { EVENT_SOURCE } from '../config/names.ts';
import { type EventPublisher, EventsRefusedError, type RenovaEvent } from './event-publisher.ts';

/** Publishes on an EventBridge bus, with source `renova`. */
export class EventBridgeEventPublisher implements EventPublisher {
  readonly #client: EventBridgeClient;
  readonly #busName: string;

  constructor(client: EventBridgeClient, busName: string) {
    this.#client = client;
    this.#busName = busName;
  }

  async publish(events: readonly RenovaEvent[], signal?: AbortSignal): Promise<void> {
    const entries = events.map(({ type, detail }) => ({
      EventBusName: this.#busName,
      Source: EVENT_SOURCE,
      DetailType: type,
      Detail: JSON.stringify(detail),
      Time: new Date(detail.at),
    }));
    try {
      const command = new PutEventsCommand({ Entries: entries });
      const { FailedEntryCount = 0 } = await this.#client.send(command, { abortSignal: signal });
      if (FailedEntryCount === 0) return;
    } catch {
      // The reason is the bus's own and says nothing about the events: they are offered again.
    }
    throw new EventsRefusedError(`The event bus ${this.#busName} did not accept ${events.length} event(s).`);
  }
}
