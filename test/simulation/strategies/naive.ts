import type { Random } from '../../../shared/random/random.ts';
import type { Invocation } from '../../../shared/refresh/context.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import type { SecretStore } from '../../../shared/secret-store/secret-store.ts';
import { ConflictError, type Revisioned, type Table } from '../../../shared/table/table.ts';
import type { TokenEndpoint, TokenRequest } from '../../../shared/token-endpoint/token-endpoint.ts';
import { MemoryTable } from '../../support/fakes/memory-table.ts';
import type { Container } from '../containers/container.ts';
import { Pool } from '../containers/pool.ts';
import { portsOf, tableOf } from '../containers/ports.ts';
import { type Population, tokenUrlOf } from '../population.ts';
import { strictly } from '../provider/strict-parsing.ts';
import { tokenEndpointOf } from '../provider/token-post.ts';
import type { Login, Reading, Strategy, World } from './strategy.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const POST_TIMEOUT_MS = 30 * SECOND_MS;
const POSTS = 3;
const PUTS = 5;
/** Time that a refresh may need: nothing is begun with less left. */
const RESERVE_MS = 40 * SECOND_MS;

/** The secret that workloads read, and that the function reads its refresh token from. */
interface StoredToken {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly issued_at: number;
  readonly expires_at: number;
}

/** An atomic counter in DynamoDB, one item for each minute of the clock. */
interface MinuteCount extends Revisioned {
  readonly quotaKey: string;
  readonly count: number;
}

interface Context {
  readonly container: Container;
  readonly random: Random;
  readonly vault: SecretStore;
  readonly counts: Table<MinuteCount>;
  readonly tokenEndpoint: TokenEndpoint;
}

/**
 * What a careful engineer would write in a day, and what would pass its tests: a function on a schedule of one
 * minute that goes through the credentials. It reads the secret, and, if half of the token's life is over,
 * posts the refresh token and puts the new pair into the same secret.
 *
 * The care: the function has a reserved concurrency of one, so that it never runs twice at a time. It does not
 * begin what it has no time to end. Every post is counted against the provider's limit, in DynamoDB, by the
 * minute. A 429 is respected for `Retry-After`; time-outs and 5xx are tried again with back-off and jitter, and
 * so is the put. Answers are read by an OAuth library.
 *
 * What it does not know is what this simulation is about: that the old refresh token is gone when the answer is
 * written, so that a failed put or a time-out is the end; that a library refuses answers which have spent the
 * token; that a secret takes 100 versions a day; that a minute of the clock is not any window of 60 seconds.
 */
export class NaiveStrategy implements Strategy {
  readonly #world: World;
  readonly #pool: Pool<Context>;
  readonly #ids: string[] = [];
  readonly #counts = new MemoryTable<MinuteCount>({ keyName: 'quotaKey' });
  readonly #pausedUntilMs = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
    this.#pool = new Pool(world, {
      name: 'naive',
      timeoutMs: 2 * MINUTE_MS,
      concurrency: 1,
      dice: world.dice.named('naive pool'),
      lifeMs: () => world.faults.containerLifeMs(),
      build: (container) => this.#context(container),
    });
  }

  async register(credential: string, { refreshToken }: Login): Promise<void> {
    const value = { access_token: '', refresh_token: refreshToken, issued_at: 0, expires_at: 0 };
    await this.#world.stores.createSecret(nameOf(credential), render(value));
    this.#ids.push(credential);
  }

  async tick(): Promise<void> {
    await this.#pool.invoke(async (context, run) => {
      for (const credential of this.#ids) {
        if (run.remainingMs() < RESERVE_MS) break;
        const { provider } = this.#world.populations.of(credential);
        if (context.container.clock.nowMs() < (this.#pausedUntilMs.get(provider) ?? 0)) continue;
        // One credential in trouble does not stop the others.
        await this.#refreshIfDue(context, run, credential).catch(() => undefined);
      }
    });
  }

  /** A person puts the new refresh token into the secret, from a console. */
  async relogin(credential: string, { refreshToken }: Login): Promise<void> {
    const value = { access_token: '', refresh_token: refreshToken, issued_at: 0, expires_at: 0 };
    await this.#world.stores.putSecret(nameOf(credential), render(value), `login ${refreshToken}`.padEnd(32));
  }

  async readSecret(credential: string, clock: { nowMs(): number }): Promise<Reading | undefined> {
    await this.#world.timeline.pause(this.#world.latency.between(4, 25));
    const stored = await this.#world.stores.readSecret(nameOf(credential));
    const token = stored && parse(stored.value);
    if (!token || token.expires_at <= clock.nowMs()) return undefined;
    const holdUntilMs = (token.issued_at + token.expires_at) / 2;
    return { accessToken: token.access_token, generation: token.issued_at, holdUntilMs };
  }

  async #refreshIfDue(context: Context, run: Invocation, credential: string): Promise<void> {
    const { vault, container, random } = context;
    const stored = await vault.get(nameOf(credential));
    const token = stored && parse(stored.value);
    if (!token || container.clock.nowMs() < (token.issued_at + token.expires_at) / 2) return;
    const population = this.#world.populations.of(credential);
    const fresh = await this.#post(context, run, population, token.refresh_token);
    if (!fresh) return;
    const requestToken = `put-${random.id()}`;
    for (let put = 1; put <= PUTS; put += 1) {
      try {
        return await vault.put(nameOf(credential), render(fresh), { requestToken });
      } catch {
        await container.clock.sleep(200 * 2 ** put * (0.5 + random.fraction()));
      }
    }
  }

  async #post(
    context: Context,
    run: Invocation,
    population: Population,
    refreshToken: string,
  ): Promise<StoredToken | undefined> {
    const { container, random, tokenEndpoint } = context;
    const { clock } = container;
    for (let post = 1; post <= POSTS && run.remainingMs() >= RESERVE_MS; post += 1) {
      if (!(await this.#mayPost(context, population))) return undefined;
      const sentAtMs = clock.nowMs();
      const byMs = clock.monotonicMs() + POST_TIMEOUT_MS;
      const request = requestOf(population, refreshToken);
      const outcome = await tokenEndpoint.post(request, { sendByMs: byMs, answerByMs: byMs });
      if (outcome.kind === 'success') {
        const { response } = outcome;
        const lifeMs = (response.expiresInSeconds ?? population.accessLifeMs / SECOND_MS) * SECOND_MS;
        return {
          access_token: response.accessToken.reveal(),
          refresh_token: response.refreshToken?.reveal() ?? refreshToken,
          issued_at: sentAtMs,
          expires_at: sentAtMs + lifeMs,
        };
      }
      if (outcome.kind === 'throttled') {
        const untilMs = clock.nowMs() + (outcome.retryAfterSeconds ?? 60) * SECOND_MS;
        this.#pausedUntilMs.set(population.provider, untilMs);
        return undefined;
      }
      if (outcome.kind !== 'unknown' && outcome.kind !== 'not-sent') return undefined;
      await clock.sleep(SECOND_MS * 2 ** post * (0.5 + random.fraction()));
    }
    return undefined;
  }

  /** Counts a post in this minute of the clock; false when the minute is full. */
  async #mayPost({ container, counts, random }: Context, { provider, quota }: Population): Promise<boolean> {
    while (quota) {
      const quotaKey = `${provider} minute ${Math.floor(container.clock.nowMs() / MINUTE_MS)}`;
      const before = await counts.load(quotaKey);
      const count = before?.count ?? 0;
      if (count >= quota.limit) return false;
      try {
        await counts.save({
          quotaKey,
          count: count + 1,
          revision: (before?.revision ?? 0) + 1,
          writer: random.id(),
        });
        return true;
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
      }
    }
    return true;
  }

  #context(container: Container): Context {
    const { stores, dice, witness } = this.#world;
    const accept = witness.accepted.bind(witness);
    const { random, vault } = portsOf(container, stores, dice.named(container.name), accept);
    return {
      container,
      random,
      vault,
      counts: tableOf(container, this.#counts),
      tokenEndpoint: tokenEndpointOf(container, this.#world, strictly),
    };
  }
}

function nameOf(credential: string): string {
  return `naive/${credential}`;
}

function render(token: StoredToken): Secret {
  return new Secret(JSON.stringify(token));
}

function parse(value: Secret): StoredToken {
  return JSON.parse(value.reveal());
}

function requestOf(population: Population, refreshToken: string): TokenRequest {
  return {
    tokenUrl: tokenUrlOf(population),
    clientAuth: 'post',
    client: { clientId: 'fake-id', clientSecret: new Secret('fake-secret') },
    grant: 'refresh_token',
    refreshToken: new Secret(refreshToken),
    scope: 'fake-scope',
    extra: {},
  };
}
