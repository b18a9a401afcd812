import type { RenovaEvent } from './event-publisher.ts';

/**
 * An alert that says nothing is wrong, for the proof that alerts reach somebody. It goes the way of every
 * other: from the refresh function over the bus to the topic. `code` is what the reader is to repeat.
 */
export function testAlert(environment: string, code: string, nowMs: number): RenovaEvent {
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
      remedy: `Tell the code to who asked for it: renova doctor --alert waits for it.`,
    },
  };
}
