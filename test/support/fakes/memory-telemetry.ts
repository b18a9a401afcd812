import type { CountName, MeasureName, MetricName, QuotaMeasureName } from '../../../shared/config/metrics.ts';
import type { Telemetry } from '../../../shared/telemetry/telemetry.ts';

/** {@link Telemetry} that remembers what it was told. */
export class MemoryTelemetry implements Telemetry {
  readonly #values = new Map<string, number[]>();

  count(name: CountName, by = 1): void {
    this.#add(name, by);
  }

  measure(name: MeasureName, value: number): void {
    this.#add(name, value);
  }

  measureQuota(name: QuotaMeasureName, quotaKey: string, value: number): void {
    this.#add(`${name} ${quotaKey}`, value);
  }

  /** The sum of a count; 0 when it was never reported. */
  total(name: CountName): number {
    return this.values(name).reduce((sum, value) => sum + value, 0);
  }

  /** Every observation, in order. */
  values(name: MetricName, quotaKey?: string): readonly number[] {
    return this.#values.get(quotaKey === undefined ? name : `${name} ${quotaKey}`) ?? [];
  }

  #add(key: string, value: number): void {
    const values = this.#values.get(key);
    if (values) values.push(value);
    else this.#values.set(key, [value]);
  }
}
