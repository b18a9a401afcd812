import type { IncomingHttpHeaders } from 'node:http';
import type { FailureReason } from '../../../shared/failure/reasons.ts';
import {
  type AnsweredRequest,
  classifyAnswer,
  type RawAnswer,
} from '../../../shared/token-endpoint/answer/token-response.ts';
import type {
  Outcome,
  PostLimits,
  TokenEndpoint,
  TokenRequest,
} from '../../../shared/token-endpoint/token-endpoint.ts';
import type { Container } from '../containers/container.ts';
import type { Dice } from '../dice.ts';
import type { Faults } from '../faults/faults.ts';
import type { Scheduled, Timeline } from '../timeline.ts';
import type { Exchange } from './issued.ts';
import type { Answer, Provider } from './provider.ts';

export interface Network {
  readonly timeline: Timeline;
  readonly latency: Dice;
  readonly faults: Faults;
  readonly provider: Provider;
}

/** What a client makes of an answer. */
export type Classify = (answer: RawAnswer, nowMs: number, request: AnsweredRequest) => Outcome;

const HOP_MS = { from: 10, to: 60 } as const;
const encoder = new TextEncoder();

/**
 * The token endpoint as a container reaches it, with the rules of the real adapter: nothing is sent once
 * `sendByMs` has come, nothing is waited for after `answerByMs`, and an answer that came while the container
 * was frozen is read when it wakes.
 */
export function tokenEndpointOf(
  container: Container,
  network: Network,
  classify: Classify = classifyAnswer,
): TokenEndpoint {
  return {
    post: (request, limits) =>
      new Promise((resolve) => {
        if (container.alive) new Post(container, network, classify, resolve).start(request, limits);
      }),
  };
}

class Post {
  readonly #container: Container;
  readonly #network: Network;
  readonly #classify: Classify;
  readonly #resolve: (outcome: Outcome) => void;
  #answer: Answer | 'broken' | undefined;
  #exchange: Exchange | undefined;
  #request: TokenRequest | undefined;
  #deadline: Scheduled | undefined;

  constructor(
    container: Container,
    network: Network,
    classify: Classify,
    resolve: (outcome: Outcome) => void,
  ) {
    this.#container = container;
    this.#network = network;
    this.#classify = classify;
    this.#resolve = resolve;
  }

  start(request: TokenRequest, limits: PostLimits): void {
    const { timeline, provider, faults } = this.#network;
    const container = this.#container;
    const { clock } = container;
    const fault = faults.atCall({ port: 'token', operation: 'post' });
    const byMs = Math.min(limits.sendByMs, limits.answerByMs);
    container.meet(fault, 'before', () => {
      const connection = provider.connect();
      timeline.after(Math.max(0, Math.min(connection.ms, byMs - clock.monotonicMs())), () =>
        container.resume(() => {
          if (clock.monotonicMs() >= byMs) return this.#notSent('send-deadline');
          if (connection.refused) return this.#notSent('ECONNREFUSED');
          this.#send(request, limits, connection.fault, () =>
            container.meet(fault, 'after', () => this.#settle()),
          );
        }),
      );
    });
  }

  #notSent(reason: FailureReason): void {
    this.#resolve({ kind: 'not-sent', reason });
  }

  #send(
    request: TokenRequest,
    limits: PostLimits,
    fault: ReturnType<Provider['connect']>['fault'],
    end: () => void,
  ): void {
    const { timeline, provider } = this.#network;
    const container = this.#container;
    const exchange: Exchange = { container, postedAtMs: timeline.nowMs, listening: true };
    this.#exchange = exchange;
    this.#request = request;
    const sent = { tokenUrl: request.tokenUrl, refreshToken: request.refreshToken?.reveal() ?? '' };
    timeline.after(provider.arrivalMs() ?? this.#hop(), () =>
      provider.receive(sent, exchange, fault, (answer) =>
        timeline.after(this.#hop(), () => this.#arrive(answer, end)),
      ),
    );
    this.#deadline = timeline.after(Math.max(0, limits.answerByMs - container.clock.monotonicMs()), () =>
      container.resume(end),
    );
  }

  #arrive(answer: Answer | undefined, end: () => void): void {
    const { listening = false } = this.#exchange ?? {};
    const { alive } = this.#container;
    if (answer?.pair) answer.pair.arrived = { atMs: this.#network.timeline.nowMs, alive, listening };
    if (!listening) return;
    this.#answer = answer ?? 'broken';
    this.#container.resume(end);
  }

  /** Once: with what has come by now. */
  #settle(): void {
    if (!this.#exchange?.listening) return;
    this.#exchange.listening = false;
    this.#deadline?.cancel();
    this.#resolve(this.#outcome());
  }

  #outcome(): Outcome {
    const answer = this.#answer;
    if (answer === undefined) return { kind: 'unknown', reason: 'answer-deadline' };
    if (answer === 'broken') return { kind: 'unknown', reason: 'connection-failed' };
    const { status, body, cutOff } = answer;
    const headers: IncomingHttpHeaders = answer.headers;
    const raw = {
      status,
      headers,
      body: encoder.encode(body),
      ...(cutOff && ({ cutOffBy: 'connection-closed' } as const)),
    };
    return this.#classify(raw, this.#container.clock.nowMs(), this.#request ?? {});
  }

  #hop(): number {
    return this.#network.latency.between(HOP_MS.from, HOP_MS.to);
  }
}
