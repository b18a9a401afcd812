import * as v from 'valibot';
import { BUCKETS, type Shard, type TickInput, WHOLE } from '../config/shards.ts';

const TickMessage: v.GenericSchema<unknown, TickInput> = v.object({
  shard: v.pipe(
    v.object({
      index: v.pipe(v.number(), v.integer(), v.minValue(0)),
      of: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(BUCKETS)),
    }),
    v.check(({ index, of }) => index < of),
  ),
});

/** The shard of a schedule's event. One that says nothing usable is a single schedule: everything is looked after. */
export function shardOf(event: unknown): Shard {
  const parsed = v.safeParse(TickMessage, event);
  return parsed.success ? parsed.output.shard : WHOLE;
}
