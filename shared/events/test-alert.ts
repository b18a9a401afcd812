import { runbookOf } from '../config/events.ts';
import type { RenovaEvent } from './event-publisher.ts';
import { type EventLinks, rendered } from './render-event.ts';

/**
 * An alert that says nothing is wrong, for the proof that alerts reach somebody. It goes the way of every
 * other: from the refresh function over the bus to the topic. `code` is what the reader is to repeat.
 */
export function testAlert(
  environment: string,
  code: string,
  nowMs: number,
  links: EventLinks = {},
): RenovaEvent {
  const remedy = {
    text: 'Tell the code to who asked for it. The command that waits for it:',
    command: { name: 'doctor', flags: ['--alert'] },
  } as const;
  return {
    type: 'Test Alert',
    detail: {
      environment,
      credential: 'test-alert',
      provider: 'renova',
      generation: 0,
      at: new Date(nowMs).toISOString(),
      reason: code,
      explanation: `An operator tests whether alerts arrive. Nothing is wrong. The code is ${code}.`,
      outlook: 'Nobody waits for anything but the code.',
      ...rendered(remedy, environment, links),
      runbook: runbookOf('Test Alert', links.runbook),
    },
  };
}
