import { type Clock, WOKEN } from '../../shared/clock/clock.ts';
import { FUNCTIONS } from '../../shared/config/functions.ts';
import type { Log } from '../../shared/log/log.ts';
import { Quota } from '../../shared/quota/quota.ts';
import type { Invocation, RefreshContext, RefreshResult } from '../../shared/refresh/context.ts';
import { RefusalLog } from '../../shared/refresh/outcome/refusal-log.ts';
import { refreshCredential } from '../../shared/refresh/refresh-credential.ts';
import type { RefreshTrigger } from '../../shared/refresh/step.ts';
import { type TickReport, tick } from '../../shared/refresh/tick/tick.ts';
import { TickRhythm } from '../../shared/refresh/tick/tick-rhythm.ts';
import type { SecretStore } from '../../shared/secret-store/secret-store.ts';
import { Timestamps } from '../../shared/telemetry/timestamps.ts';
import { ClientSecrets } from '../../shared/vault/client-secrets.ts';
import { Publication } from '../../shared/vault/publication.ts';
import { Rescue } from '../../shared/vault/rescue.ts';
import { ScriptedNetworkEndpoint } from '../support/fakes/scripted-network-endpoint.ts';
import { type Pass, type Ports, portsOf } from './container-ports.ts';
import { never, type Passage, type PortCall, passThrough } from './port-calls.ts';
import { RingSealer } from './ring-sealer.ts';
import { CREDENTIAL, type Surroundings } from './surroundings.ts';
import { watchedEndpoint } from './watched-endpoint.ts';

const FUNCTION_MS = FUNCTIONS.refresh.timeoutSeconds * 1000;

/** One container of the refresh function: its own memory, its own clock, and a way out for each call. */
export class Container {
  readonly name: string;
  readonly context: RefreshContext;
  readonly secrets: SecretStore;
  readonly #ports: Ports;
  /** When the time of its invocation is over (monotonic). */
  endsAtMs = 0;
  /** True from its crash on: nothing of it happens any more. */
  isDead = false;
  /** Its timers and its calls stand still until then (monotonic). */
  frozenUntilMs = 0;
  #invocations = 0;
  readonly #world: Surroundings;
  readonly #clock: Clock;
  readonly #passage: Passage;

  constructor(world: Surroundings, name: string, passage: Passage) {
    this.#world = world;
    this.name = name;
    this.#clock = this.#ownClock();
    this.#passage = this.#ownPassage(passage);
    this.#ports = portsOf(world, name, this.#pass.bind(this));
    this.secrets = this.#ports.secrets;
    this.context = this.#newContext();
  }

  /** True if it lives and nothing is being done in it. */
  get isFree(): boolean {
    return !this.isDead && this.#invocations === 0;
  }

  tick(): Promise<TickReport> {
    return this.invoke((run) => tick(this.context, run));
  }

  refresh(trigger: RefreshTrigger = {}): Promise<RefreshResult> {
    return this.invoke((run) =>
      refreshCredential(this.context, run, CREDENTIAL, { priority: 'reader', ...trigger }),
    );
  }

  /** Runs `work` as an invocation; who is not done when its time is over is killed, as Lambda does. */
  async invoke<Result>(work: (run: Invocation) => Promise<Result>): Promise<Result> {
    const endsAtMs = this.#clock.monotonicMs() + FUNCTION_MS;
    this.endsAtMs = endsAtMs;
    const ended = new AbortController();
    void this.#world.clock.sleep(FUNCTION_MS, ended.signal).then(() => {
      if (!ended.signal.aborted) this.isDead = true;
    });
    this.#invocations += 1;
    try {
      return await work({ remainingMs: () => endsAtMs - this.#clock.monotonicMs() });
    } finally {
      this.#invocations -= 1;
      ended.abort(WOKEN);
    }
  }

  #newContext(): RefreshContext {
    const { names, random, timing, provider, watcher, posts, telemetry } = this.#world;
    const { ledger, quotaTable, timestampsTable, secrets, events } = this.#ports;
    const clock = this.#clock;
    const sealer = new RingSealer(
      secrets,
      { access: names.accessRing, refresh: names.refreshRing },
      clock,
      this.#world.sealed,
    );
    return {
      environment: 'prd',
      events,
      clock,
      random,
      timing,
      log: this.#log(),
      ledger,
      quota: new Quota(quotaTable, clock, random, timing),
      sealer,
      clientSecrets: new ClientSecrets(secrets, names, clock),
      rescue: new Rescue(secrets, names),
      publication: new Publication(secrets, names, sealer, clock, timing.dayMs),
      networkEndpoint: new ScriptedNetworkEndpoint(),
      tokenEndpoint: watchedEndpoint({
        container: this.name,
        clock,
        provider,
        passage: this.#passage,
        busyMs: timing.providerQuietMs,
        onSent: (post) => {
          watcher.onSent?.(post);
          posts.push(post);
        },
        onArrival: (post) => watcher.onArrival?.(post),
      }),
      telemetry,
      timestamps: new Timestamps(timestampsTable, clock, random),
      refusalLog: new RefusalLog(timestampsTable, clock, random),
      unstored: new Map(),
      turns: new Map(),
      tickRhythm: new TickRhythm(),
    };
  }

  /** Whoever is dead never wakes up; whoever is frozen wakes when it thaws. */
  #ownClock(): Clock {
    const { clock } = this.#world;
    return {
      nowMs: () => clock.nowMs(),
      monotonicMs: () => clock.monotonicMs(),
      sleep: async (ms, signal) => {
        await clock.sleep(ms, signal);
        await this.#awake();
      },
    };
  }

  #ownPassage(passage: Passage): Passage {
    return {
      before: async (call) => {
        await this.#awake();
        await passage.before(call);
      },
      after: async (call) => {
        await passage.after(call);
        await this.#awake();
      },
    };
  }

  async #awake(): Promise<void> {
    const { clock } = this.#world;
    if (this.frozenUntilMs > clock.monotonicMs()) await clock.sleep(this.frozenUntilMs - clock.monotonicMs());
    if (this.isDead) await never();
  }

  async #pass<Answer>(
    port: PortCall['port'],
    operation: string,
    name: string,
    effect: () => Promise<Answer>,
    { signal, key = name, args }: NonNullable<Parameters<Pass>[4]> = {},
  ): Promise<Answer> {
    const call = { container: this.name, port, operation, name, key, args };
    const { watcher } = this.#world;
    watcher.onCall?.(call, 'sent');
    try {
      const answer = await passThrough(this.#passage, this.#clock, call, effect, signal);
      watcher.onCall?.(call, 'answered');
      return answer;
    } catch (error) {
      watcher.onCall?.(call, 'failed');
      throw error;
    }
  }

  #log(): Log {
    const line = (message: string, fields?: Readonly<Record<string, unknown>>) =>
      this.#world.watcher.onLog?.(JSON.stringify({ message, ...fields }));
    return { debug: line, info: line, warn: line, error: line };
  }
}
