import { handler } from '../../functions/refresh.ts';
import { FUNCTIONS } from '../../shared/config/functions.ts';

/** A container of the refresh function as a process of its own: one tick, and what it came to. */
const endsAtMs = performance.now() + FUNCTIONS.refresh.timeoutSeconds * 1000;
const lambda = {
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:upset-container',
  getRemainingTimeInMillis: () => Math.max(0, endsAtMs - performance.now()),
};
process.send?.(await handler({}, lambda as Parameters<typeof handler>[1]), () => process.exit());
