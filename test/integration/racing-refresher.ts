import { handler } from '../../functions/refresh.ts';

/**
 * A container of the refresh function as a process of its own: a message `{id, event}` in, `{id, answer}`
 * or `{id, error}` out. Run by two-refreshers.test.ts; ends with the channel to it.
 */
export interface RefresherMessage {
  readonly id: number;
  readonly event: object;
}

const FUNCTION_SECONDS = 120;

process.on('disconnect', () => process.exit(0));
process.on('message', async ({ id, event }: RefresherMessage) => {
  process.send?.(await answered(id, event));
});

async function answered(id: number, event: object): Promise<object> {
  const endsAtMs = performance.now() + FUNCTION_SECONDS * 1000;
  const context = {
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:racing-refresher',
    getRemainingTimeInMillis: () => Math.max(0, endsAtMs - performance.now()),
  };
  try {
    return { id, answer: await handler(event, context as Parameters<typeof handler>[1]) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.name : 'error' };
  }
}
