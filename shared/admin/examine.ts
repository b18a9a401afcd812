import { VERSION } from '../config/version.ts';
import type { AdminContext } from './context.ts';

/** What the functions find of themselves, for `doctor`. Rejects as the refresh function does. */
export async function examine({ clock, refreshService }: AdminContext) {
  return {
    version: VERSION,
    at: new Date(clock.nowMs()).toISOString(),
    refresh: await refreshService.examine(),
  };
}
