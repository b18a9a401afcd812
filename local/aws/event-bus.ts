import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import type { Clock } from '../../shared/clock/clock.ts';
import { awsError } from './aws-request.ts';

/** An event as EventBridge delivers it. */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface EventBus {
  /**
   * PutEvents: one to ten entries, each accepted or refused by itself.
   * @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
   */
  put(input: unknown, region: string): { readonly status: number; readonly body: object };
  /** The latest events, newest first. */
  latest(): readonly BusEvent[];
}

/** The account of everything in the local stack. */
export const LOCAL_ACCOUNT = '000000000000';

const KEPT_EVENTS = 200;
const MAX_ENTRIES = 10;
/** Of one request, and so of one entry too. */
const MAX_BYTES = 1024 * 1024;

/** A default bus that keeps the latest 200 events and tells `onEvent` of each. */
export function createEventBus(clock: Clock, onEvent: (event: BusEvent) => void = () => undefined): EventBus {
  const events: BusEvent[] = [];

  const accept = (entry: Entry, region: string) => {
    const checked = checkEntry(entry);
    if ('ErrorCode' in checked) return checked;
    const event = busEvent(entry, checked.detail, region, clock.nowMs());
    events.unshift(event);
    events.splice(KEPT_EVENTS);
    onEvent(event);
    return { EventId: event.id };
  };

  return {
    put(input, region) {
      const parsed = v.safeParse(Request, input);
      if (!parsed.success) {
        const [issue] = parsed.issues;
        return awsError(400, 'ValidationException', `${v.getDotPath(issue) ?? 'Entries'}: ${issue.message}`);
      }
      const results = parsed.output.Entries.map((entry) => accept(entry, region));
      const failed = results.filter((result) => 'ErrorCode' in result).length;
      return { status: 200, body: { FailedEntryCount: failed, Entries: results } };
    },
    latest: () => [...events],
  };
}

const optionalText = v.nullish(v.string('expected a string'));
const Entry = v.object(
  {
    Source: optionalText,
    DetailType: optionalText,
    Detail: optionalText,
    EventBusName: optionalText,
    Resources: v.nullish(v.array(v.string('expected a string'))),
    Time: v.nullish(v.number('expected seconds since the epoch')),
  },
  'expected an entry',
);
type Entry = v.InferOutput<typeof Entry>;
const ENTRY_COUNT = `expected 1 to ${MAX_ENTRIES} entries`;
const Request = v.pipe(
  v.object(
    {
      Entries: v.pipe(
        v.array(Entry, ENTRY_COUNT),
        v.minLength(1, ENTRY_COUNT),
        v.maxLength(MAX_ENTRIES, ENTRY_COUNT),
      ),
    },
    ENTRY_COUNT,
  ),
  v.check(
    ({ Entries }) => Buffer.byteLength(JSON.stringify(Entries)) <= MAX_BYTES,
    `expected at most ${MAX_BYTES} bytes in all`,
  ),
);

/** The parsed detail, or the refusal of this entry. */
function checkEntry(
  entry: Entry,
): { detail: Record<string, unknown> } | { ErrorCode: string; ErrorMessage: string } {
  for (const member of ['Source', 'DetailType', 'Detail'] as const) {
    if (!entry[member])
      return refusal('InvalidArgument', `Parameter ${member} is not valid. Reason: missing.`);
  }
  const bus = entry.EventBusName ?? 'default';
  if (bus !== 'default' && !bus.endsWith(':event-bus/default')) {
    return refusal('ResourceNotFoundException', 'EventBusName: the local stack has the bus default only.');
  }
  const detail = v.safeParse(Detail, entry.Detail);
  return detail.success ? { detail: detail.output } : refusal('MalformedDetail', 'Detail is malformed.');
}

/** An object; valibot's record alone would take an array too. */
const Detail = v.pipe(
  v.string(),
  v.parseJson(),
  v.check((detail) => !Array.isArray(detail)),
  v.record(v.string(), v.unknown()),
);

const refusal = (ErrorCode: string, ErrorMessage: string) => ({ ErrorCode, ErrorMessage });

function busEvent(entry: Entry, detail: BusEvent['detail'], region: string, nowMs: number): BusEvent {
  const timeMs = typeof entry.Time === 'number' ? entry.Time * 1000 : nowMs;
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': entry.DetailType ?? '',
    source: entry.Source ?? '',
    account: LOCAL_ACCOUNT,
    time: new Date(timeMs).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    region,
    resources: entry.Resources ?? [],
    detail,
  };
}
