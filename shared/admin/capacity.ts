import type { QuotaLimit } from '../credential/settings.ts';
import { admission, roomForFresh } from '../quota/demand.ts';
import type { AdminContext } from './context.ts';
import { recordsSharing } from './lookup.ts';

/**
 * How much of each quota is asked for, how many more credentials of the shortest life it could keep fresh, and how many
 * requests count in its window at the moment.
 */
export async function capacity(context: AdminContext) {
  const records = await recordsSharing(context);
  const byKey = Map.groupBy(
    records.filter((record) => record.quota),
    (record) => record.quota?.key ?? '',
  );
  const known = [...byKey].flatMap(([key, group]) => {
    const quota = group[0]?.quota;
    return quota ? [{ key, group, quota }] : [];
  });
  const quotas = known.map(async ({ key, group, quota }) => {
    const { needed: demand, usable: available } = admission(quota, group, context.timing);
    const fresh = group.filter((record) => record.mode === 'fresh' && record.state === 'active').length;
    return {
      key,
      limit: quota.limit,
      window_seconds: Number((quota.windowMs / 1000).toFixed(3)),
      credentials: group.length,
      fresh,
      requests_needed_per_window: Number(demand.toFixed(2)),
      requests_usable_per_window: Number(available.toFixed(2)),
      used_percent: Number(((100 * demand) / available).toFixed(1)),
      room_for_fresh: roomForFresh(quota, group, context.timing),
      ...(await inUse(context, quota)),
    };
  });
  return { quotas: await Promise.all(quotas) };
}

/** Nothing where the quota table does not answer: the arithmetic holds without it. */
async function inUse({ quota: quotas }: AdminContext, quota: QuotaLimit) {
  const seen = await quotas?.inUse(quota).catch(() => undefined);
  if (!seen) return {};
  const { count, limit, closedUntilMs } = seen;
  return {
    in_use: count,
    in_use_of: limit,
    ...(closedUntilMs !== undefined && { closed_until: new Date(closedUntilMs).toISOString() }),
  };
}
