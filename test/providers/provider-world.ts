import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { systemClock } from '../../shared/clock/system-clock.ts';
import type { DeviceEndpoint } from '../../shared/device-endpoint/device-endpoint.ts';
import { HttpsDeviceEndpoint } from '../../shared/device-endpoint/https-device-endpoint.ts';
import type { Invocation, RefreshContext, RefreshResult } from '../../shared/refresh/context.ts';
import { refreshCredential } from '../../shared/refresh/refresh-credential.ts';
import type { RefreshTrigger } from '../../shared/refresh/step.ts';
import { tick } from '../../shared/refresh/tick/tick.ts';
import { HttpsTokenEndpoint } from '../../shared/token-endpoint/https-token-endpoint.ts';
import type { PostLimits, TokenEndpoint, TokenRequest } from '../../shared/token-endpoint/token-endpoint.ts';
import { AdminWorld } from '../unit/admin/admin-world.ts';

const LONG_RUN: Invocation = { remainingMs: () => 10 * 60_000 };
const REAL_LIMIT_MS = 120_000;
const MINUTE_MS = 60_000;

/**
 * Renova in virtual time, with providers that are real HTTP servers: requests go through the real adapter and
 * real sockets, and virtual time stands still while one is under way.
 */
export class ProviderWorld extends AdminWorld {
  readonly #t: Pick<TestContext, 'after'>;
  readonly #underWay = new Set<Promise<unknown>>();
  /** Told the virtual time (epoch ms) before each request, for a server that reads `Date`. */
  onPost: (nowMs: number) => void = () => undefined;
  posts = 0;
  /** How long an answer is waited for, in real time: no machine takes longer. Less for providers that hold it back. */
  realLimitMs: (request: TokenRequest) => number = () => REAL_LIMIT_MS;

  constructor(t: Pick<TestContext, 'after'>) {
    super();
    this.#t = t;
    const { clock } = this.world;
    const advance = clock.advance.bind(clock);
    clock.advance = async (ms) => {
      while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
      await advance(ms);
    };
    this.container = this.newContainer();
    this.deviceEndpoint = this.#devicesOverRealSockets();
  }

  /** Another container of the refresh function. */
  newContainer(): RefreshContext {
    return { ...this.world.newContainer(), tokenEndpoint: this.#overRealSockets() };
  }

  /** Serves a provider on a free port until the test ends; its URL. */
  async serve(listener: RequestListener): Promise<string> {
    return this.serveAt(() => listener);
  }

  /** The same for a provider that must know its URL. */
  async serveAt(listenerAt: (url: string) => RequestListener): Promise<string> {
    const { url, close } = await serveOnLoopback(listenerAt);
    this.#t.after(close);
    return url;
  }

  /** Lets the schedule run, once a minute; after each tick `look` is called with the minute's number. */
  async live(
    minutes: number,
    look: (minute: number) => Promise<void> = async () => undefined,
  ): Promise<void> {
    const { clock } = this.world;
    for (let minute = 1; minute <= minutes; minute += 1) {
      const startMs = clock.monotonicMs();
      await this.world.drive(tick(this.container, LONG_RUN));
      await look(minute);
      await clock.advance(Math.max(0, MINUTE_MS - (clock.monotonicMs() - startMs)));
    }
  }

  /** Refreshes in one container. */
  refreshIn(
    container: RefreshContext,
    credential: string,
    trigger: RefreshTrigger = {},
  ): Promise<RefreshResult> {
    return refreshCredential(container, LONG_RUN, credential, { priority: 'reader', ...trigger });
  }

  /** The access token that workloads have now; fails when there is none, or it says that it is over. */
  async tokenOf(credential: string): Promise<string> {
    const { pair, state } = await this.record(credential);
    assert.equal(state, 'active', credential);
    assert.ok(pair && pair.expiresAtMs > this.world.clock.nowMs(), `${credential}: its token has expired`);
    return (await this.world.accessToken(credential))?.reveal() ?? '';
  }

  #devicesOverRealSockets(): DeviceEndpoint {
    const https = new HttpsDeviceEndpoint(systemClock);
    return { ask: (request) => this.#tracked(https.ask(request, realLimits())) };
  }

  #tracked<Result>(posted: Promise<Result>): Promise<Result> {
    this.#underWay.add(posted);
    return posted.finally(() => this.#underWay.delete(posted));
  }

  #overRealSockets(): TokenEndpoint {
    const https = new HttpsTokenEndpoint({ clock: systemClock });
    return {
      post: async (request) => {
        this.posts += 1;
        this.onPost(this.world.clock.nowMs());
        return this.#tracked(https.post(request, realLimits(this.realLimitMs(request))));
      },
    };
  }
}

function realLimits(forMs = REAL_LIMIT_MS): PostLimits {
  const byMs = systemClock.monotonicMs() + forMs;
  return { sendByMs: byMs, answerByMs: byMs };
}

/** A server on a free port of loopback. */
export async function serveOnLoopback(listenerAt: (url: string) => RequestListener) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.on('request', listenerAt(url));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url, close };
}
