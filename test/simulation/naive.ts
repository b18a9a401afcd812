import type { Strategy } from './strategy.ts';
export class NaiveStrategy implements Strategy {
  async register() {}
  async tick() {}
  async relogin() {}
  async readSecret() {
    return undefined;
  }
}
