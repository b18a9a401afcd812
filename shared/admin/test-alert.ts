import type { AdminContext } from './context.ts';

const DIGITS = 6;

/** Sends an alert that says nothing is wrong. `accepted`: the event bus took it; whether it arrives is for a person to see. */
export async function testAlert({ random, refreshService }: AdminContext) {
  const code = String(Math.floor(random.fraction() * 10 ** DIGITS)).padStart(DIGITS, '0');
  return { accepted: await refreshService.testAlert(code), code };
}
