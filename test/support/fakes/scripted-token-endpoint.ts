import { type Clock, WOKEN } from '../../../shared/clock/clock.ts';
import {
  buildTokenRequest,
  outcomeOfUnbuildable,
} from '../../../shared/token-endpoint/request/token-request.ts';
import type {
  Outcome,
  PostLimits,
  TokenEndpoint,
  TokenRequest,
} from '../../../shared/token-endpoint/token-endpoint.ts';

/** What a provider can make of a request that has reached it. */
export type ProviderOutcome = Exclude<Outcome, { kind: 'not-sent' }>;

/** One step of the script: an outcome as it is, or a provider that is asked when the request arrives. */
export type Step = Outcome | ((request: TokenRequest) => ProviderOutcome | Promise<ProviderOutcome>);

/** A request that reached the provider. */
export interface ReceivedPost {
  readonly request: TokenRequest;
  /** Monotonic. */
  readonly atMs: number;
}

export interface ScriptedTokenEndpointOptions {
  readonly clock: Clock;
  /** How long each connection takes. */
  readonly connectMs?: number;
}

/** A post that the provider has processed and whose answer is held back. */
export interface HeldAnswer {
  /** The request is at the provider: a step that is a function has been asked. */
  readonly arrived: Promise<void>;
  /** Lets the answer go. */
  release(): void;
}

interface Scheduled {
  readonly step: Step;
  readonly onArrival?: () => void;
  readonly until?: Promise<void>;
}

/**
 * A provider in memory that plays a script, one step a post, and keeps to the limits as the real adapter does:
 * `not-sent` when the connection is not ready before `sendByMs`, `unknown` when no answer came by `answerByMs`
 * (what the provider did stays done). A post for which nothing is scripted rejects: the test is wrong.
 */
export class ScriptedTokenEndpoint implements TokenEndpoint {
  /** Every request that reached the provider, in order. */
  readonly received: ReceivedPost[] = [];
  readonly #clock: Clock;
  readonly #connectMs: number;
  readonly #script: Scheduled[] = [];
  #otherwise: Step | undefined;

  constructor({ clock, connectMs = 0 }: ScriptedTokenEndpointOptions) {
    this.#clock = clock;
    this.#connectMs = connectMs;
  }

  /** Adds steps to the end of the script. */
  play(...steps: Step[]): void {
    this.#script.push(...steps.map((step) => ({ step })));
  }

  /** The step for every post that comes when the script is over. */
  playAlways(step: Step): void {
    this.#otherwise = step;
  }

  /** Adds a step whose answer is held back until it is released. */
  playHeld(step: Step): HeldAnswer {
    const arrival = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    this.#script.push({ step, onArrival: arrival.resolve, until: release.promise });
    return { arrived: arrival.promise, release: release.resolve };
  }

  async post(request: TokenRequest, limits: PostLimits): Promise<Outcome> {
    try {
      await buildTokenRequest(request, this.#clock.nowMs());
    } catch (error) {
      return outcomeOfUnbuildable(error);
    }
    const byMs = Math.min(limits.sendByMs, limits.answerByMs);
    await this.#clock.sleep(Math.min(this.#connectMs, byMs - this.#clock.monotonicMs()));
    if (this.#clock.monotonicMs() >= byMs) return { kind: 'not-sent', reason: 'send-deadline' };
    const scheduled = this.#script.shift() ?? (this.#otherwise && { step: this.#otherwise });
    if (scheduled === undefined) throw new Error('ScriptedTokenEndpoint: no step is left for this post');
    const { step } = scheduled;
    if (typeof step !== 'function' && step.kind === 'not-sent') return step;
    this.received.push({ request, atMs: this.#clock.monotonicMs() });
    return await this.#answerInTime(scheduled, request, limits.answerByMs);
  }

  async #answerInTime(scheduled: Scheduled, request: TokenRequest, answerByMs: number): Promise<Outcome> {
    const timer = new AbortController();
    const late = this.#clock
      .sleep(answerByMs - this.#clock.monotonicMs(), timer.signal)
      .then((): Outcome => ({ kind: 'unknown', reason: 'answer-deadline' }));
    try {
      return await Promise.race([answer(scheduled, request), late]);
    } finally {
      timer.abort(WOKEN);
    }
  }
}

async function answer({ step, onArrival, until }: Scheduled, request: TokenRequest): Promise<Outcome> {
  const outcome = typeof step === 'function' ? step(request) : step;
  onArrival?.();
  await until;
  return await outcome;
}
