import { type Clock, WOKEN } from '../../shared/clock/clock.ts';
import type {
  Outcome,
  PostLimits,
  TokenEndpoint,
  TokenRequest,
} from '../../shared/token-endpoint/token-endpoint.ts';
import { never, type Passage, type PortCall } from './port-calls.ts';
import type { WitnessProvider } from './witness-provider.ts';

/** One post, as somebody sees it who stands between Renova and the provider. Times are monotonic. */
export interface Post {
  readonly container: string;
  readonly token: string;
  readonly sentAtMs: number;
  readonly answerByMs: number;
  /** When the provider processed it. */
  arrivedAtMs?: number;
  /** The refresh token that it was exchanged for. */
  issued?: string;
  /** When the container knew how it ended, and how. */
  endedAtMs?: number;
  outcome?: Outcome['kind'];
}

export interface EndpointParts {
  readonly container: string;
  readonly clock: Clock;
  readonly provider: WitnessProvider;
  readonly passage: Passage;
  /** For how long after the end of a post the provider may still be busy with it. */
  readonly busyMs: number;
  /** Told of every post as it is sent and as it arrives. */
  readonly onSent: (post: Post) => void;
  readonly onArrival: (post: Post) => void;
}

/** A container's way to the provider: connect, post, answer, each of which can fail or take its time. */
export function watchedEndpoint(parts: EndpointParts): TokenEndpoint {
  const { container, clock, passage } = parts;
  const call = (operation: string, args?: readonly unknown[]): PortCall => ({
    ...{ container, port: 'provider', operation, name: '', args },
  });
  return {
    async post(request: TokenRequest, { sendByMs, answerByMs }: PostLimits): Promise<Outcome> {
      const reachedAtMs = passage.before(call('connect')).then(
        () => clock.monotonicMs(),
        () => undefined,
      );
      const connectedAtMs = await by(clock, sendByMs, reachedAtMs, undefined);
      if (connectedAtMs === undefined) return { kind: 'not-sent', reason: 'connect-failed' };
      if (clock.monotonicMs() >= sendByMs) return { kind: 'not-sent', reason: 'send-deadline' };
      const token = request.refreshToken?.reveal() ?? '';
      const post: Post = { container, token, sentAtMs: clock.monotonicMs(), answerByMs };
      parts.onSent(post);
      const closed: Outcome = { kind: 'unknown', reason: 'connection-closed' };
      const answer = exchange(parts, post, request, call('post', [request, post])).catch(() => closed);
      const outcome = await by(clock, answerByMs, answer, { kind: 'unknown', reason: 'answer-deadline' });
      post.endedAtMs = clock.monotonicMs();
      post.outcome = outcome.kind;
      return outcome;
    },
  };
}

async function exchange(
  parts: EndpointParts,
  post: Post,
  request: TokenRequest,
  call: PortCall,
): Promise<Outcome> {
  const { clock, provider, passage, busyMs, onArrival } = parts;
  await passage.before(call);
  // The connection is long closed: the provider never read it.
  if (clock.monotonicMs() > post.answerByMs + busyMs) return never();
  post.arrivedAtMs = clock.monotonicMs();
  onArrival(post);
  const outcome = provider.answer(request);
  if (outcome.kind === 'success') post.issued = outcome.response.refreshToken?.reveal();
  await passage.after(call);
  return outcome;
}

async function by<Value>(clock: Clock, byMs: number, work: Promise<Value>, otherwise: Value): Promise<Value> {
  const timer = new AbortController();
  const late = clock.sleep(Math.max(byMs - clock.monotonicMs(), 0.001), timer.signal).then(() => otherwise);
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort(WOKEN);
  }
}
