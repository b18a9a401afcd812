import { Metrics } from '@aws-lambda-powertools/metrics';
import { METRICS, METRICS_NAMESPACE, METRICS_SERVICE, type MetricName } from '../shared/config/metrics.ts';
import type { Telemetry } from '../shared/telemetry/telemetry.ts';

/** A {@link Telemetry} that gathers what one invocation reports. */
export interface GatheringTelemetry extends Telemetry {
  /** Prints what was gathered; nothing when nothing was. To be called at the end of every invocation. */
  flush(): void;
}

/**
 * The domain's figures in CloudWatch's embedded metric format: lines of JSON on standard output, from which
 * CloudWatch makes the metrics. Dimensions `service` and `environment`, and for figures of a quota `quota`.
 */
export function powertoolsTelemetry(environment: string): GatheringTelemetry {
  const metrics = new Metrics({
    namespace: METRICS_NAMESPACE,
    serviceName: METRICS_SERVICE,
    defaultDimensions: { environment },
  });
  const add = (to: Metrics, name: MetricName, value: number) =>
    quietly(() => {
      if (Number.isFinite(value)) to.addMetric(name, METRICS[name].unit, value);
    });
  return {
    count: (name, by = 1) => add(metrics, name, by),
    measure: (name, value) => add(metrics, name, value),
    // Printed at once: metrics of one line share their dimensions.
    measureQuota: (name, quotaKey, value) =>
      add(metrics.singleMetric().addDimension('quota', quotaKey), name, value),
    flush: () =>
      quietly(() => {
        // Powertools warns of an invocation without figures, and most have none but a tick.
        if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
      }),
  };
}

/** Figures are reported between a provider's answer and its keep: nothing about them may throw there. */
function quietly(report: () => void): void {
  try {
    report();
  } catch {
    // The figure is lost.
  }
}
