import type { MiddlewareObj } from '@middy/core';
import type { GatheringTelemetry } from '../powertools-telemetry.ts';

/** Prints the metrics of an invocation at its end, whether it answered or failed. */
export function flushMetrics(
  telemetry: () => GatheringTelemetry | undefined,
): MiddlewareObj<unknown, unknown> {
  const flush = () => telemetry()?.flush();
  return { after: flush, onError: flush };
}
