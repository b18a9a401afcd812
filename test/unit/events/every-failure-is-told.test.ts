import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EnvironmentError } from '../../../functions/environment.ts';
import type { MetricName } from '../../../shared/config/metrics.ts';
import { applyTransition } from '../../../shared/credential/apply-transition.ts';
import { EventsRefusedError, type RenovaEvent } from '../../../shared/events/event-publisher.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { ClientSecrets } from '../../../shared/vault/client-secrets.ts';
import { anAttempt } from '../../support/records.ts';
import { World } from '../../support/world.ts';

const TICK_MS = 60_000;

/** Somebody hears of it by an event of one of these types, by a metric that has an alarm, or because no tick reports. */
type Told =
  | { readonly events: readonly RenovaEvent['type'][] }
  | { readonly metric: Extract<MetricName, 'StoreFailures' | 'EventsRefused'> }
  | { readonly silence: true };

interface Injection {
  readonly what: string;
  /** From now on, for good. `each` is done before every tick. */
  readonly inject: (world: World) => void | Promise<void>;
  readonly each?: (world: World) => Promise<unknown>;
  readonly told: Told;
}

const always = (outcome: Parameters<World['endpoint']['playAlways']>[0]) => (world: World) =>
  world.endpoint.playAlways(outcome);
const failingStore =
  (store: string, ...operations: string[]) =>
  (world: World, match = '') => {
    world.fault = (failed, operation, name) =>
      failed === store && operations.includes(operation) && name.includes(match) ? 'before' : undefined;
  };

/** Its calls take so long, and then do what they do. */
function slow(world: World, store: object, operations: readonly string[], ms: number): void {
  for (const operation of operations) {
    const method: (...args: unknown[]) => Promise<unknown> = Reflect.get(store, operation).bind(store);
    Object.assign(store, {
      [operation]: async (...args: unknown[]) => {
        await world.clock.sleep(ms);
        return method(...args);
      },
    });
  }
}

const FAILING: Told = { events: ['Refresh Failing', 'Credential Misconfigured'] };

const INJECTIONS: readonly Injection[] = [
  {
    what: 'a provider that cannot be reached',
    inject: always({ kind: 'not-sent', reason: 'ENOTFOUND' }),
    told: FAILING,
  },
  {
    what: 'answers that say nothing',
    inject: always({ kind: 'unknown', reason: 'http-503' }),
    told: FAILING,
  },
  { what: 'a 2xx without a token', inject: always({ kind: 'unknown', reason: 'no-token' }), told: FAILING },
  {
    what: 'a throttle for an hour',
    inject: always({ kind: 'throttled', retryAfterSeconds: 3600 }),
    told: FAILING,
  },
  { what: 'a bare refusal', inject: always({ kind: 'refused', reason: 'http-403' }), told: FAILING },
  {
    what: 'a refused client',
    inject: always({ kind: 'refused-client', reason: 'invalid_client' }),
    told: FAILING,
  },
  {
    what: 'a refused refresh token',
    inject: always({ kind: 'refused-grant', reason: 'invalid_grant' }),
    told: { events: ['Credential Lapsed', 'Refresh Failing'] },
  },
  {
    what: 'an answer that cannot be understood',
    inject: always({ kind: 'garbled', body: new Secret('{"access_token":"fake') }),
    told: { events: ['Credential Lapsed'] },
  },
  {
    what: 'an access token that no header can carry',
    inject: (world) =>
      world.endpoint.playAlways((request) => {
        const outcome = world.provider.answer(request);
        if (outcome.kind !== 'success') return outcome;
        return { ...outcome, response: { ...outcome.response, accessToken: new Secret('fake\u0007') } };
      }),
    told: { events: ['Credential Misconfigured'] },
  },
  {
    what: 'no permit',
    inject: async (world) => {
      const quota = { key: 'tight', limit: 1, windowMs: 60 * TICK_MS };
      await applyTransition(world.container, 'acme', (record) => ({ ...record, quota }));
      await world.container.quota.acquire(quota, world.clock.nowMs(), { priority: 'urgent' });
    },
    told: FAILING,
  },
  {
    what: 'attempts that leave no trace',
    inject: () => undefined,
    each: (world) => {
      const attempt = anAttempt(world.clock.nowMs() - world.timing.leaseMs + 5000);
      return applyTransition(world.container, 'acme', (record) => ({ ...record, attempt }));
    },
    told: FAILING,
  },
  {
    what: 'a client secret that cannot be read',
    inject: (world) => {
      failingStore('vault', 'get')(world, '/client');
      // Another container: nothing is in its memory.
      Object.assign(world.container, {
        clientSecrets: new ClientSecrets(world.secrets, world.names, world.clock),
      });
    },
    told: FAILING,
  },
  {
    what: 'seal keys that cannot be read',
    inject: (world) => {
      world.sealer.ready = async () => {
        throw Object.assign(new Error('fake'), { code: 'AccessDeniedException' });
      };
    },
    told: FAILING,
  },
  {
    what: 'a vault that takes no tokens',
    inject: (world) => failingStore('vault', 'put')(world, '/token/'),
    told: { events: ['Token Unpublished'] },
  },
  {
    what: 'a ledger that takes no writes',
    inject: failingStore('ledger', 'save'),
    told: { metric: 'StoreFailures' },
  },
  {
    what: 'a ledger that reads nothing',
    inject: failingStore('ledger', 'load'),
    told: { metric: 'StoreFailures' },
  },
  { what: 'a ledger without its index', inject: failingStore('ledger', 'due'), told: { silence: true } },
  {
    what: 'a quota that cannot be asked',
    inject: failingStore('quota', 'load'),
    told: { metric: 'StoreFailures' },
  },
  {
    what: 'a bus that takes nothing',
    inject: (world) => {
      world.events.refusing = true;
    },
    told: { metric: 'EventsRefused' },
  },
  {
    what: 'a bus that hangs',
    inject: (world) => {
      world.events.publish = async () => {
        await world.clock.sleep(7500);
        throw new EventsRefusedError('Nothing came in time.');
      };
    },
    told: { metric: 'EventsRefused' },
  },
  {
    what: 'a ledger that answers after twenty seconds',
    inject: (world) => slow(world, world.ledger, ['load', 'save'], 20_000),
    told: FAILING,
  },
  {
    what: 'a vault that answers after a minute',
    inject: (world) => slow(world, world.secrets, ['get', 'put'], 60_000),
    told: { events: ['Refresh Failing', 'Credential Misconfigured', 'Token Unpublished'] },
  },
  {
    what: 'a ledger that is throttled, three writes of four',
    inject: (world) => {
      let writes = 0;
      world.fault = (store, operation) =>
        store === 'ledger' && operation === 'save' && (writes++ % 4) + 1 < 4 ? 'before' : undefined;
    },
    told: { metric: 'StoreFailures' },
  },
  {
    what: 'seal keys that the function may not use',
    inject: (world) => {
      world.sealer.refreshToken = async () => {
        throw Object.assign(new Error('fake'), { code: 'AccessDeniedException' });
      };
    },
    told: FAILING,
  },
  {
    what: 'a function whose environment lacks a variable',
    inject: (world) => {
      Object.defineProperty(world.container, 'ledger', {
        get: () => {
          throw new EnvironmentError('RENOVA_CREDENTIALS_TABLE: expected a name.');
        },
      });
    },
    told: { silence: true },
  },
  {
    what: 'a provider that is away, while what was told cannot be remembered',
    inject: (world) => {
      always({ kind: 'unknown', reason: 'http-503' })(world);
      failingStore('timestamps', 'load', 'save')(world);
    },
    told: FAILING,
  },
  {
    what: 'a pause past the end of the refresh token',
    inject: async (world) => {
      await applyTransition(world.container, 'acme', (record) => ({
        ...record,
        state: 'paused',
        pair: record.pair && { ...record.pair, refreshTokenExpiresAtMs: record.pair.expiresAtMs },
      }));
    },
    told: { events: ['Credential Lapsed'] },
  },
  {
    what: 'an end of the client secret that comes near',
    inject: async (world) => {
      const clientExpiresAtMs = world.clock.nowMs() + 7 * 24 * 60 * TICK_MS;
      await applyTransition(world.container, 'acme', (record) => ({ ...record, clientExpiresAtMs }));
    },
    told: { events: ['Client Secret Expiring'] },
  },
];

/** The tick's report counts; a tick that fails is one that does not report. */
async function isTickReported(world: World): Promise<boolean> {
  const before = world.telemetry.total('Ticks');
  await world.ticks(1).catch(() => undefined);
  return world.telemetry.total('Ticks') > before;
}

function isTold(world: World, told: Told, isReported: boolean): boolean {
  if ('silence' in told) return !isReported;
  if ('metric' in told) return world.telemetry.total(told.metric) > 0;
  return world.events.accepted.some(({ type }) => told.events.includes(type));
}

describe('whatever fails for good is told two ticks after the token has not been renewed, at the latest', () => {
  for (const { what, inject, each, told } of INJECTIONS) {
    it(what, async () => {
      const world = new World();
      await world.seed('acme');
      await world.ticks(1);
      const { pair } = await world.record('acme');
      const before = world.events.accepted.length;
      assert.equal(before, 1, 'it is well');
      await inject(world);
      const latestMs = (pair?.expiresAtMs ?? 0) + 2 * TICK_MS;
      let isHeard = false;
      while (!isHeard) {
        await each?.(world);
        isHeard = isTold(world, told, await isTickReported(world));
        const lateMs = world.clock.nowMs() - TICK_MS - latestMs;
        assert.ok(isHeard || lateMs <= 0, `nobody has heard of it ${lateMs / 1000} s after that`);
      }
    });
  }
});
