import type { Dice } from '../dice.ts';
import type { Timeline } from '../timeline.ts';
import { callFault, providerFault } from './fault-details.ts';
import {
  type CallFault,
  type CallSite,
  type Faults,
  type ProviderFault,
  STRICT,
  type TickFault,
} from './faults.ts';

const MINUTE_MS = 60_000;
/** A fault that nothing meets within this time makes way for another one. */
const PATIENCE_MS = 5 * MINUTE_MS;

const SITES: readonly CallSite[] = [
  { port: 'ledger', operation: 'due' },
  { port: 'ledger', operation: 'load' },
  { port: 'ledger', operation: 'save' },
  { port: 'quota', operation: 'load' },
  { port: 'quota', operation: 'save' },
  { port: 'vault', operation: 'get' },
  { port: 'vault', operation: 'put' },
  { port: 'events', operation: 'publish' },
  { port: 'token', operation: 'post' },
  { port: 'clock', operation: 'sleep' },
];
const CALL_KINDS: readonly CallFault['do'][] = ['crash', 'crash', 'freeze', 'error', 'slow', 'twice', 'late'];
const PROVIDER_KINDS: readonly ProviderFault['do'][] = [
  'refuse-connection',
  'hang',
  'reset-before',
  'reset-after',
  'error-before',
  'error-after',
  'throttle',
  'no-token',
  'refuse-one',
  'bare-4xx',
  'slow-before',
  'slow-after',
  'cut-off',
  'imperfect',
];
const TICK_KINDS = ['lost', 'late', 'again'] as const;

type Armed =
  | { readonly at: 'call'; readonly site: CallSite; readonly skip: number; readonly fault: CallFault }
  | { readonly at: 'provider'; readonly fault: ProviderFault }
  | { readonly at: 'tick'; readonly fault: TickFault };

/** One fault at a time: the next one is armed when every credential has been refreshed after the last. */
export class Single implements Faults {
  readonly description = [
    'one fault at a time: the next when every credential has been refreshed and published after the last',
    `at a call (half of them), ${[...new Set(CALL_KINDS)].join(', ')}; at the provider (a third), ${PROVIDER_KINDS.join(', ')}; at a tick, ${TICK_KINDS.join(', ')}`,
  ];
  readonly manners = STRICT;
  readonly #timeline: Timeline;
  readonly #dice: Dice;
  readonly #hasRecoveredSince: (atMs: number) => boolean;
  #armed: Armed | undefined;
  #armedAtMs = 0;
  #skip = 0;
  #metAtMs: number | undefined;
  #on = false;
  /** How many faults took place. */
  met = 0;

  constructor(timeline: Timeline, dice: Dice, hasRecoveredSince: (atMs: number) => boolean) {
    this.#timeline = timeline;
    this.#dice = dice.named('single');
    this.#hasRecoveredSince = hasRecoveredSince;
  }

  start(): void {
    this.#on = true;
  }

  stop(): void {
    this.#on = false;
  }

  atCall(site: CallSite): CallFault | undefined {
    if (this.#armed?.at !== 'call') return undefined;
    const { site: wanted, fault } = this.#armed;
    if (wanted.port !== site.port || wanted.operation !== site.operation) return undefined;
    this.#skip -= 1;
    if (this.#skip >= 0) return undefined;
    this.#meet();
    return fault;
  }

  atTick(): TickFault {
    this.#arm();
    if (this.#armed?.at !== 'tick') return { lost: false, lateMs: 0 };
    const { fault } = this.#armed;
    this.#meet();
    return fault;
  }

  atProvider(): ProviderFault | undefined {
    if (this.#armed?.at !== 'provider') return undefined;
    const { fault } = this.#armed;
    this.#meet();
    return fault;
  }

  providerIsOut(): boolean {
    return false;
  }

  containerLifeMs(): number {
    return 120 * MINUTE_MS;
  }

  #meet(): void {
    this.#armed = undefined;
    this.#metAtMs = this.#timeline.nowMs;
    this.met += 1;
  }

  /** At each tick: arms the next fault when it is time for one. */
  #arm(): void {
    const { nowMs } = this.#timeline;
    if (!this.#on) {
      this.#armed = undefined;
      return;
    }
    if (this.#metAtMs !== undefined && !this.#hasRecoveredSince(this.#metAtMs)) return;
    if (this.#armed && nowMs - this.#armedAtMs < PATIENCE_MS) return;
    this.#metAtMs = undefined;
    this.#armed = this.#draw();
    this.#armedAtMs = nowMs;
    this.#skip = this.#armed.at === 'call' ? this.#armed.skip : 0;
  }

  #draw(): Armed {
    const dice = this.#dice;
    const kind = dice.fraction();
    if (kind < 0.5) {
      const point = dice.chance(0.5) ? 'before' : 'after';
      const fault = callFault(dice.pick(CALL_KINDS), point, dice);
      return { at: 'call', site: dice.pick(SITES), skip: dice.between(0, 8), fault };
    }
    if (kind < 0.85) return { at: 'provider', fault: providerFault(dice.pick(PROVIDER_KINDS), dice) };
    return { at: 'tick', fault: tickFault(dice.pick(TICK_KINDS), dice) };
  }
}

function tickFault(kind: (typeof TICK_KINDS)[number], dice: Dice): TickFault {
  const usual = { lost: false, lateMs: 0 };
  if (kind === 'lost') return { ...usual, lost: true };
  if (kind === 'late') return { ...usual, lateMs: dice.between(1000, 15_000) };
  return { ...usual, againAfterMs: dice.between(0, 50_000) };
}
