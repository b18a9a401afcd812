import type { Clock } from '../../shared/clock/clock.ts';
import { FUNCTIONS } from '../../shared/config/functions.ts';
import type { CredentialRecord } from '../../shared/credential/credential.ts';
import type { EventPublisher } from '../../shared/events/event-publisher.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import type { Log } from '../../shared/log/log.ts';
import type { QuotaRecord } from '../../shared/quota/permits.ts';
import { Quota } from '../../shared/quota/quota.ts';
import type { RefreshContext, Refreshed, Run } from '../../shared/refresh/context.ts';
import { refreshCredential } from '../../shared/refresh/refresh-credential.ts';
import type { Wish } from '../../shared/refresh/step.ts';
import { type TickReport, tick } from '../../shared/refresh/tick.ts';
import type { PutOptions, SecretStore } from '../../shared/secret-store/secret-store.ts';
import type { Table } from '../../shared/table/table.ts';
import { type Mark, Marks } from '../../shared/telemetry/marks.ts';
import { ClientSecrets } from '../../shared/vault/client-secrets.ts';
import { Publication } from '../../shared/vault/publication.ts';
import { Rescue } from '../../shared/vault/rescue.ts';
import { moveName } from './move-name.ts';
import { type Passage, type PortCall, passThrough } from './port-calls.ts';
import { RingSealer } from './ring-sealer.ts';
import { CREDENTIAL, type Surroundings } from './surroundings.ts';
import { watchedEndpoint } from './watched-endpoint.ts';

const FUNCTION_MS = FUNCTIONS.refresh.timeoutSeconds * 1000;
/** Within this, reads of the vault may be behind; the protocol allows for a minute. */
export const CONSISTENT_MS = 55_000;
const NEVER = new Promise<never>(() => undefined);

/** One container of the refresh function: its own memory, its own clock, and a way out for each call. */
export class Container {
  readonly name: string;
  readonly context: RefreshContext;
  readonly secrets: SecretStore;
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
    this.secrets = this.#secretStore();
    this.context = this.#newContext();
  }

  /** True if it lives and nothing is being done in it. */
  get isFree(): boolean {
    return !this.isDead && this.#invocations === 0;
  }

  tick(): Promise<TickReport> {
    return this.invoke((run) => tick(this.context, run));
  }

  refresh(wish: Wish = {}): Promise<Refreshed> {
    return this.invoke((run) =>
      refreshCredential(this.context, run, CREDENTIAL, { priority: 'reader', ...wish }),
    );
  }

  /** Runs `work` as an invocation; who is not done when its time is over is killed, as Lambda does. */
  async invoke<Result>(work: (run: Run) => Promise<Result>): Promise<Result> {
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
      ended.abort();
    }
  }

  #newContext(): RefreshContext {
    const { names, random, timing, provider, watcher, posts, telemetry } = this.#world;
    const [clock, secrets] = [this.#clock, this.secrets];
    const sealer = new RingSealer(
      secrets,
      { access: names.accessRing, refresh: names.refreshRing },
      clock,
      this.#world.sealed,
    );
    return {
      environment: 'prd',
      events: this.#events(),
      clock,
      random,
      timing,
      log: this.#log(),
      ledger: this.#ledger(),
      quota: new Quota(this.#quotaTable(), clock, random, timing.quotaMarginMs),
      sealer,
      clientSecrets: new ClientSecrets(secrets, names, clock),
      rescue: new Rescue(secrets, names),
      publication: new Publication(secrets, names, sealer, clock, timing.dayMs),
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
      marks: new Marks(this.#marksTable(), clock, random),
      unstored: new Map(),
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
    if (this.isDead) await NEVER;
  }

  async #pass<Answer>(
    port: PortCall['port'],
    operation: string,
    name: string,
    effect: () => Promise<Answer>,
    signal?: AbortSignal,
  ): Promise<Answer> {
    const call = { container: this.name, port, operation, name };
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

  #ledger(): Ledger<CredentialRecord> {
    const { ledger, watcher } = this.#world;
    const container = this.name;
    const pass = this.#pass.bind(this);
    return {
      load: (key) => pass('ledger', 'load', key, () => ledger.load(key)),
      save: (item) => {
        const stored = () => ledger.items().find(({ credential }) => credential === item.credential);
        return pass('ledger', 'save', moveName(stored(), item), async () => {
          const before = stored();
          await ledger.save(item);
          watcher.onSave?.(before, item, container);
        });
      },
      due: (byMs, limit) => pass('ledger', 'due', '', () => ledger.due(byMs, limit)),
      list: async function* () {
        yield* await pass('ledger', 'list', '', async () => ledger.items());
      },
    };
  }

  #quotaTable(): Table<QuotaRecord> {
    const { quotaTable } = this.#world;
    return {
      load: (key) => this.#pass('quota', 'load', key, () => quotaTable.load(key)),
      save: (item) => this.#pass('quota', 'save', item.quotaKey, () => quotaTable.save(item)),
    };
  }

  #marksTable(): Table<Mark> {
    const { marksTable } = this.#world;
    return {
      load: (key) => this.#pass('marks', 'load', key, () => marksTable.load(key)),
      save: (item) => this.#pass('marks', 'save', item.quotaKey, () => marksTable.save(item)),
    };
  }

  #secretStore(): SecretStore {
    const { secrets, clock, replaced, isBehind } = this.#world;
    const replacing = async <Answer>(name: string, write: () => Promise<Answer>): Promise<Answer> => {
      const before = await secrets.get(name);
      const answer = await write();
      replaced.set(name, { atMs: clock.monotonicMs(), before });
      return answer;
    };
    const read: SecretStore['get'] = async (name, versionId) => {
      const last = replaced.get(name);
      const recent = last && clock.monotonicMs() - last.atMs < CONSISTENT_MS;
      return recent && isBehind(name) ? last.before : secrets.get(name, versionId);
    };
    const short = (name: string) => name.split('/').slice(2).join('/');
    return {
      get: (name, versionId) => this.#pass('vault', 'get', short(name), () => read(name, versionId)),
      put: (name, value, options: PutOptions = {}) => {
        const { signal, ...others } = options;
        const write = () => replacing(name, () => secrets.put(name, value, others));
        return this.#pass('vault', 'put', short(name), write, signal);
      },
      create: (name, value) =>
        this.#pass('vault', 'create', short(name), () => replacing(name, () => secrets.create(name, value))),
      remove: (name, days) => this.#pass('vault', 'remove', short(name), () => secrets.remove(name, days)),
    };
  }

  #events(): EventPublisher {
    const { events } = this.#world;
    return {
      publish: (told, signal) => this.#pass('bus', 'publish', '', () => events.publish(told), signal),
    };
  }

  #log(): Log {
    const line = (message: string, fields?: Readonly<Record<string, unknown>>) =>
      this.#world.watcher.onLog?.(JSON.stringify({ message, ...fields }));
    return { debug: line, info: line, warn: line, error: line };
  }
}
