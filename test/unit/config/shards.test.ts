import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BUCKETS, bucketOf, bucketsOf, WHOLE } from '../../../shared/config/shards.ts';
import { shardOf } from '../../../shared/refresh-service/tick-message.ts';

describe('the shards of several schedules', () => {
  for (let of = 1; of <= BUCKETS; of += 1) {
    it(`are all of the index, each part of it once: ${of}`, () => {
      const all = Array.from({ length: of }, (_, index) => bucketsOf({ index, of }));
      assert.ok(all.every((buckets) => buckets.length > 0));
      assert.deepEqual(
        all.flat().sort(),
        Array.from({ length: BUCKETS }, (_, bucket) => bucket),
      );
    });
  }

  it('are about as large as each other, and what shares a quota is together', () => {
    const counts = new Array<number>(BUCKETS).fill(0);
    for (let n = 0; n < 8000; n += 1) {
      const bucket = bucketOf({ credential: `acme-${n}` });
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    assert.ok(Math.min(...counts) > 900 && Math.max(...counts) < 1100, String(counts));
    const ofQuota = new Set(
      ['a', 'b', 'c', 'd'].map((credential) => bucketOf({ credential, quotaKey: 'bs2' })),
    );
    assert.equal(ofQuota.size, 1);
  });
});

describe('the event of a schedule', () => {
  it('says which shard it is for, where there are several', () => {
    assert.deepEqual(shardOf({ shard: { index: 2, of: 3 } }), { index: 2, of: 3 });
  });

  for (const event of [
    {},
    undefined,
    { source: 'aws.scheduler' },
    { shard: { index: 3, of: 3 } },
    { shard: { index: -1, of: 3 } },
    { shard: { index: 0, of: BUCKETS + 1 } },
    { shard: { index: 0.5, of: 2 } },
    { shard: '1' },
  ]) {
    it(`is for everything otherwise: ${JSON.stringify(event)}`, () => {
      assert.deepEqual(shardOf(event), WHOLE);
    });
  }
});
