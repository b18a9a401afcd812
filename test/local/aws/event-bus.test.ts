import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type BusEvent, createEventBus } from '../../../local/aws/event-bus.ts';
import { ManualClock } from '../../support/fakes/manual-clock.ts';

const entry = (changes: object = {}) => ({
  Source: 'renova',
  DetailType: 'Token Refreshed',
  Detail: '{"credential":"acme"}',
  ...changes,
});

describe('the event bus', () => {
  test('keeps an event as EventBridge delivers it and tells the watcher', () => {
    const heard: BusEvent[] = [];
    const bus = createEventBus(new ManualClock(), (event) => heard.push(event));
    const { status, body } = bus.put({ Entries: [entry()] }, 'eu-west-1');
    const [event] = bus.latest();
    assert.equal(status, 200);
    assert.deepEqual(body, { FailedEntryCount: 0, Entries: [{ EventId: event?.id }] });
    assert.deepEqual(event, {
      version: '0',
      id: event?.id,
      'detail-type': 'Token Refreshed',
      source: 'renova',
      account: '000000000000',
      time: '2026-01-01T00:00:00Z',
      region: 'eu-west-1',
      resources: [],
      detail: { credential: 'acme' },
    });
    assert.deepEqual(heard, [event]);
  });

  test('refuses a bad entry alone and accepts its neighbours', () => {
    const bus = createEventBus(new ManualClock());
    const bad = [
      entry({ Detail: 'not json' }),
      entry({ Detail: '["no object"]' }),
      entry({ Detail: undefined }),
      entry({ Source: '' }),
      entry({ EventBusName: 'another' }),
    ];
    const { body } = bus.put({ Entries: [entry(), ...bad, entry({ EventBusName: 'default' })] }, 'us-east-1');
    const { FailedEntryCount, Entries } = body as {
      FailedEntryCount: number;
      Entries: { ErrorCode?: string }[];
    };
    assert.equal(FailedEntryCount, 5);
    assert.deepEqual(
      Entries.map(({ ErrorCode }) => ErrorCode),
      [
        undefined,
        'MalformedDetail',
        'MalformedDetail',
        'InvalidArgument',
        'InvalidArgument',
        'ResourceNotFoundException',
        undefined,
      ],
    );
    assert.equal(bus.latest().length, 2);
  });

  test('takes ten entries and not eleven, nor none', () => {
    const bus = createEventBus(new ManualClock());
    const put = (count: number) =>
      bus.put({ Entries: Array.from({ length: count }, () => entry()) }, 'us-east-1');
    assert.equal(put(10).status, 200);
    assert.equal(put(11).status, 400);
    assert.equal(put(0).status, 400);
    assert.equal(bus.put(null, 'us-east-1').status, 400);
    assert.equal(bus.latest().length, 10);
  });

  test('keeps the latest 200, newest first', () => {
    const bus = createEventBus(new ManualClock());
    for (let n = 1; n <= 201; n += 1) bus.put({ Entries: [entry({ Detail: `{"n":${n}}` })] }, 'us-east-1');
    const numbers = bus.latest().map(({ detail }) => detail.n);
    assert.deepEqual([numbers.length, numbers[0], numbers.at(-1)], [200, 201, 2]);
  });
});
