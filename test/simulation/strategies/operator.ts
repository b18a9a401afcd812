import type { Login, Strategy, World } from './strategy.ts';

const MINUTE_MS = 60_000;
/** A chain that the provider refuses is looked at by a person after this long … */
const REFUSED_FOR_MS = 10 * MINUTE_MS;
/** … and so is a credential without an unexpired token, while the provider is not away. */
const EXPIRED_FOR_MS = 3 * 60 * MINUTE_MS;
/** From seeing that a login is needed to having made it. */
const STORE_AGAIN_MS = 5 * MINUTE_MS;
const LOGIN_TAKES_MS = { from: 5 * MINUTE_MS, to: 20 * MINUTE_MS } as const;

/**
 * The person who logs in at the provider again. Each login because of a chain that did not come back by itself
 * is a chain lost: counted here, whatever the strategy thinks of it.
 */
export class Operator {
  readonly #world: World;
  readonly #strategy: Strategy;
  readonly #busy = new Set<string>();
  /** Minutes without an unexpired token while the provider could have been reached. */
  readonly #expiredMinutes = new Map<string, number>();

  constructor(world: World, strategy: Strategy) {
    this.#world = world;
    this.#strategy = strategy;
  }

  /** Looks at every credential once a minute. */
  start(credentials: readonly string[]): void {
    const look = () => {
      this.#world.witness.lookAtProvider();
      for (const credential of credentials) this.#look(credential);
      this.#world.timeline.after(MINUTE_MS, look);
    };
    look();
  }

  /** True if a person would have to log in for this credential. */
  isNeeded(credential: string): boolean {
    const { timeline, provider, witness } = this.#world;
    const grant = provider.grants.get(credential);
    if (!grant) return false;
    const { refusedAtMs } = grant;
    if (refusedAtMs !== undefined && timeline.nowMs - refusedAtMs >= REFUSED_FOR_MS) return true;
    if (witness.warnings.lapseToldAtMs(credential) !== undefined) return true;
    return (this.#expiredMinutes.get(credential) ?? 0) * MINUTE_MS >= EXPIRED_FOR_MS;
  }

  #look(credential: string): void {
    const { timeline, witness, provider, dice } = this.#world;
    if (witness.expiredSinceMs(credential) === undefined) this.#expiredMinutes.delete(credential);
    else if (!provider.isAway()) {
      this.#expiredMinutes.set(credential, (this.#expiredMinutes.get(credential) ?? 0) + 1);
    }
    if (this.#busy.has(credential) || !this.isNeeded(credential)) return;
    this.#busy.add(credential);
    const takesMs = dice
      .named(`${credential} ${timeline.nowMs}`)
      .between(LOGIN_TAKES_MS.from, LOGIN_TAKES_MS.to);
    timeline.after(takesMs, () => void this.#login(credential));
  }

  async #login(credential: string): Promise<void> {
    const { timeline, provider, witness } = this.#world;
    const grant = provider.grants.get(credential);
    if (grant && this.isNeeded(credential)) {
      witness.givenUp(grant);
      const login = provider.login(credential);
      while (!(await this.#stored(credential, login))) await timeline.pause(STORE_AGAIN_MS);
      this.#expiredMinutes.delete(credential);
    }
    this.#busy.delete(credential);
  }

  async #stored(credential: string, login: Login): Promise<boolean> {
    try {
      await this.#strategy.relogin(credential, login);
      return true;
    } catch {
      return false;
    }
  }
}
