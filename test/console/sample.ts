import type { JsonObject } from '../../cli/context.ts';
import type { Target } from '../../cli/target.ts';

/** Where the console of these tests looks. */
export const TARGET: Target = {
  env: 'prd',
  localEndpoint: 'http://127.0.0.1:4700',
  options: '--local',
};

const HOUR = 3600;

/** Answers of the admin function about credentials of every kind, around `nowMs`. */
export function sampleAnswers(nowMs: number, healthyOnly = false): Readonly<Record<string, JsonObject>> {
  const at = (seconds: number) => new Date(nowMs + seconds * 1000).toISOString();
  const refreshes = (count: number, every: number, from = -every / 3) =>
    Array.from({ length: count }, (_, index) => ({
      at: at(from - index * every),
      generation: 4711 - index,
      outcome: 'refreshed',
    }));
  const failures = (count: number, every: number, outcome: string, reason?: string) =>
    Array.from({ length: count }, (_, index) => ({
      at: at(-20 - index * every),
      generation: 311,
      outcome,
      ...(reason && { reason }),
    }));
  const well = (credential: string, more: JsonObject = {}): JsonObject => ({
    ...{
      credential,
      provider: 'bs2',
      mode: 'fresh',
      publish: 'access',
      state: 'active',
      grant: 'refresh_token',
    },
    ...{ generation: 4711, published_generation: 4711, lanes: 12 },
    ...{ issued_at: at(-50), expires_at: at(250), refresh_after: at(100), due_at: at(100) },
    ...{ refresh_token_issued_at: at(-50), refresh_token_expires_at: at(48 * HOUR - 50) },
    history: refreshes(20, 150),
    changes: [],
    ...more,
  });
  const healthy = [
    well('acme-collections', {
      tags: { owner: 'collections' },
      changes: [
        { at: at(-3 * HOUR), change: 'updated', settings: ['scope', 'tags'], by: 'ana@laptop' },
        { at: at(-26 * HOUR), change: 'registered', by: 'ana@laptop' },
      ],
    }),
    well('acme-pix', { issued_at: at(-120), expires_at: at(180), refresh_after: at(30), due_at: at(30) }),
    well('lobby-screens', {
      ...{ provider: 'bsncloud', grant: 'client_credentials', lanes: 11 },
      ...{ refresh_token_issued_at: undefined, refresh_token_expires_at: undefined },
      history: refreshes(7, 165),
    }),
  ];
  const others = [
    well('crm-archive', {
      ...{ provider: 'oauth2', mode: 'on-demand', publish: 'none', lanes: 1 },
      ...{ issued_at: at(-9 * HOUR), expires_at: at(-8 * HOUR), due_at: at(7 * HOUR) },
      ...{ refresh_token_issued_at: at(-9 * HOUR), refresh_token_expires_at: at(39 * HOUR) },
      history: refreshes(3, 16 * HOUR, -9 * HOUR),
      tags: { owner: 'sales' },
    }),
    well('night-shift', { state: 'paused', due_at: undefined, tags: { owner: 'operations' } }),
    well('shop-south', {
      ...{
        failing_since: at(-100),
        attempts: 4,
        outcome: 'not-sent',
        reason: 'ECONNREFUSED',
        due_at: at(14),
      },
      ...{ issued_at: at(-230), expires_at: at(70), refresh_after: at(-80) },
      history: [...failures(4, 25, 'not-sent', 'ECONNREFUSED'), ...refreshes(16, 150, -250)],
    }),
    well('shop-north', {
      ...{
        state: 'lapsed',
        lapsed_at: at(-340),
        reason: 'grant-refused',
        after_unknown: true,
        due_at: undefined,
      },
      ...{ issued_at: at(-640), expires_at: at(-340), generation: 311 },
      history: [
        { at: at(-340), generation: 311, outcome: 'lapsed', reason: 'grant-refused' },
        ...failures(2, 150, 'refused-token').map((one) => ({ ...one, at: at(-480) })),
        { at: at(-500), generation: 311, outcome: 'unknown', reason: 'ECONNRESET' },
        ...refreshes(16, 150, -640),
      ],
    }),
  ];
  const credentials = healthyOnly ? healthy : [...healthy, ...others];
  return {
    list: { credentials },
    capacity: {
      quotas: [
        quota('bs2', 10, 60, healthyOnly ? 2 : 6, healthyOnly ? 8.1 : 41.5),
        ...(healthyOnly ? [] : [quota('crm', 100, 60, 3, 1.2)]),
      ],
    },
  };
}

function quota(key: string, limit: number, window_seconds: number, in_use: number, used_percent: number) {
  return { key, limit, window_seconds, in_use, in_use_of: limit, used_percent, credentials: 3 };
}
