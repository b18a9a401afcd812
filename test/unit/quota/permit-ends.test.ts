import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PermitEnds } from '../../../shared/quota/permit-ends.ts';
import type { QuotaRecord } from '../../../shared/quota/permits.ts';
import { isGranted, limitOf, MARGIN_MS, permitOf, QuotaWorld, WINDOW_MS } from './quota-world.ts';

const NOW_MS = 1_000_000;
const ANSWER_MS = 39_000;

function containers(count: number): PermitEnds[] {
  let ids = 0;
  const random = { id: () => `container-${++ids}`, fraction: () => 0.5 };
  return Array.from({ length: count }, () => new PermitEnds(random, MARGIN_MS));
}

function recordOf(
  permits: QuotaRecord['permits'],
  stamp: QuotaRecord['stamp'],
): Pick<QuotaRecord, 'quotaKey' | 'permits' | 'stamp'> {
  return { quotaKey: 'bs2', permits, stamp };
}

describe('when the permits of another container end', () => {
  const [mine, other, third] = containers(3);
  assert.ok(mine && other && third);
  const id = other.newId();
  const untilMs = NOW_MS + 50_000;

  it('is a margin later, as long as nobody knows how late it is there', () => {
    assert.equal(mine.seen(recordOf({ [id]: untilMs }, undefined), NOW_MS).get(id), untilMs + MARGIN_MS);
    const elsewhere = recordOf({ [id]: untilMs }, third.stamp(NOW_MS));
    assert.equal(mine.seen(elsewhere, NOW_MS).get(id), untilMs + MARGIN_MS);
  });

  it('is as much later as its last word is old, when that is less', () => {
    const ends = (atMs: number) => {
      const [fresh] = containers(1);
      return fresh?.seen(recordOf({ [id]: untilMs }, other.stamp(atMs)), NOW_MS).get(id);
    };
    assert.equal(ends(NOW_MS - 5000), untilMs + MARGIN_MS);
    assert.equal(ends(NOW_MS - 700), untilMs + 700);
    assert.equal(ends(NOW_MS + 1500), untilMs - 1500, 'a clock that is ahead');
    assert.equal(ends(NOW_MS + 300_000), untilMs + MARGIN_MS, 'a clock that was set back since');
  });

  it('is no secret again because somebody else wrote since', () => {
    const [fresh] = containers(1);
    fresh?.seen(recordOf({ [id]: untilMs }, other.stamp(NOW_MS - 700)), NOW_MS);
    const later = recordOf({ [id]: untilMs }, third.stamp(NOW_MS));
    assert.equal(fresh?.seen(later, NOW_MS).get(id), untilMs + 700);
  });

  it('is never before they do, nor later than by what the item was on its way', () => {
    const skew = fc.integer({ min: -MARGIN_MS / 2, max: MARGIN_MS / 2 });
    const span = fc.integer({ min: 0, max: 10_000 });
    const property = fc.property(skew, skew, span, span, (theirsMs, oursMs, onItsWayMs, leftMs) => {
      const [reader, writer] = containers(2);
      assert.ok(reader && writer);
      const permit = writer.newId();
      const endMs = NOW_MS + leftMs;
      const record = recordOf({ [permit]: endMs + theirsMs }, writer.stamp(NOW_MS + theirsMs));
      const seenMs = reader.seen(record, NOW_MS + onItsWayMs + oursMs).get(permit) ?? 0;
      assert.ok(seenMs >= endMs + oursMs, 'it still counts at the provider');
      assert.ok(seenMs <= endMs + oursMs + Math.max(onItsWayMs, 0));
    });
    fc.assert(property);
  });
});

it('a stamp says nothing of permits that its container gets afterwards', async () => {
  const world = new QuotaWorld();
  const [before, after] = [world.container(), world.container()];
  const ask = ({ quota, clock }: typeof before) =>
    quota.acquire(limitOf(1), clock.nowMs() + ANSWER_MS, { priority: 'urgent' });
  await before.quota.stamp('bs2');
  const permit = permitOf(await ask(before));
  await before.quota.settle(permit, before.clock.nowMs());

  const freeAtMs = before.clock.nowMs() + WINDOW_MS;
  assert.deepEqual(await ask(after), { freeAtMs: freeAtMs + MARGIN_MS });
  await before.quota.stamp('bs2');
  assert.deepEqual(await ask(after), { freeAtMs });
});

it('a container that leaves a stamp is followed without the margin', async () => {
  for (const skewMs of [-1500, 0, 1500]) {
    const world = new QuotaWorld();
    const [before, after] = [world.container(), world.container(skewMs)];
    const ask = ({ quota, clock }: typeof before) =>
      quota.acquire(limitOf(1), clock.nowMs() + ANSWER_MS, { priority: 'urgent' });
    await before.quota.settle(permitOf(await ask(before)), before.clock.nowMs());
    await world.clock.advance(30_000);
    await before.quota.stamp('bs2');
    await world.clock.advance(500);

    assert.ok(!isGranted(await ask(after)));
    await world.clock.advance(WINDOW_MS - 30_500);
    assert.ok(!isGranted(await ask(after)), 'it may have been half a second on its way');
    await world.clock.advance(500);
    assert.ok(isGranted(await ask(after)));
  }
});
