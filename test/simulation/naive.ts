import type { Strategy, World } from './strategy.ts';
export class NaiveStrategy implements Strategy {
  constructor(_: World) {}
  async register() {}
  async tick() {}
  async relogin() {}
  async readSecret() {
    return undefined;
  }
}
