import { setImmediate as turn } from 'node:timers/promises';

/**
 * Knows whether a call that takes real time is under way: cryptography, for which a virtual clock does not wait.
 * Without it a slow machine would see hours pass while one token is sealed.
 */
export class Busy {
  #calls = 0;

  /** The same port; its calls count as busy until they have ended. */
  watch<Port extends object>(port: Port): Port {
    return new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]) => {
          this.#calls += 1;
          try {
            return await member.apply(target, args);
          } finally {
            this.#calls -= 1;
          }
        };
      },
    });
  }

  /** Resolves when no call is under way. */
  async over(): Promise<void> {
    while (this.#calls > 0) await turn();
  }
}
