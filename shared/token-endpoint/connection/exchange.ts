import type { Socket } from 'node:net';
import type { Clock } from '../../clock/clock.ts';
import type { FailureReason } from '../../failure/reasons.ts';
import type { Secret } from '../../secret/secret.ts';
import { MAX_READ_BYTES } from '../answer/answer-text.ts';
import { type HttpAnswer, readHttpAnswer } from '../answer/http-answer.ts';
import type { RawAnswer } from '../answer/token-response.ts';
import { failureReason } from './failure-reason.ts';

/** What can be said of an answer before its connection has ended. */
export type AnswerProgress =
  /** Nothing that could follow would change what it means. */
  | 'complete'
  /** It may be over: it is, if nothing follows within {@link SETTLE_MS}. */
  | 'settling'
  | 'open';

export interface ExchangeOptions {
  readonly clock: Clock;
  /** Nothing is waited for after this (monotonic ms). */
  readonly answerByMs: number;
  readonly progressOf: (answer: HttpAnswer) => AnswerProgress;
}

/** A server that keeps a connection open, or states a wrong length, may still be about to send the rest. */
const SETTLE_MS = 1000;

/** The server closed the connection in good order. */
const ENDED = Symbol('ended');

/** Heads of any size, and a body. */
const MAX_ANSWER_BYTES = 2 * MAX_READ_BYTES;

/** How many bytes may be looked through for the end of an answer that comes in small pieces. */
const LOOKING_BYTES = 4 * 1024 * 1024;

/**
 * Writes a request into a fresh socket and reads what comes until the answer is complete, breaks off or is late.
 * Resolves to the answer as far as it came, or to the reason code why there is none. Never rejects.
 *
 *     write ──┬── bytes ──┬── bytes ──┬── complete, or settling and quiet ──┐
 *             │           │           └── end, error, close ────────────────┤ what came until then
 *             └───────────┴── answerByMs ───────────────────────────────────┘
 */
export async function exchange(
  socket: Socket,
  request: Secret,
  options: ExchangeOptions,
): Promise<RawAnswer | FailureReason> {
  const { clock, answerByMs, progressOf } = options;
  const tape = new Tape();
  const deadline = new AbortController();
  const { promise: ended, resolve: end } = Promise.withResolvers<FailureReason | typeof ENDED | undefined>();
  // A turn of the event loop later, so that bytes that have already arrived are read before the post is given
  // up: after a freeze the deadline and the answer are both waiting, and timers run first (I3).
  const breakOff = (reason: FailureReason) => setImmediate(end, reason);
  let quiet: AbortController | undefined;
  const look = () => {
    quiet?.abort();
    quiet = undefined;
    if (!tape.mayLook()) return;
    const answer = readHttpAnswer(tape.bytes());
    const progress = answer ? progressOf(answer) : 'open';
    if (progress === 'complete') end(undefined);
    if (progress !== 'settling') return;
    const settled = new AbortController();
    quiet = settled;
    void clock.sleep(SETTLE_MS, settled.signal).then(() => {
      if (!settled.signal.aborted) end(undefined);
    });
  };
  socket.on('data', (chunk: Buffer) => {
    if (tape.add(chunk)) look();
    else end('too-long');
  });
  socket.on('error', (error) => breakOff(failureReason(error, 'connection-failed')));
  socket.on('end', () => end(ENDED));
  socket.on('close', () => breakOff('connection-closed'));
  socket.write(request.reveal());
  void clock.sleep(answerByMs - clock.monotonicMs(), deadline.signal).then(() => breakOff('answer-deadline'));

  const endedBy = await ended;
  deadline.abort();
  quiet?.abort();
  socket.destroy();
  return answerFrom(tape.bytes(), endedBy);
}

function answerFrom(
  bytes: Buffer,
  endedBy: FailureReason | typeof ENDED | undefined,
): RawAnswer | FailureReason {
  const answer = readHttpAnswer(bytes);
  // Without a length, the end of the connection is the end of the body.
  const isByEnd = endedBy === ENDED;
  const reason = isByEnd ? 'connection-closed' : (endedBy ?? 'connection-closed');
  if (!answer) return bytes.length > 0 && reason === 'connection-closed' ? 'not-http' : reason;
  const { status, headers, body, unframed, complete } = answer;
  const isWhole = complete || endedBy === undefined || (isByEnd && !isFramed(answer));
  return { status, headers, body, unframed, ...(!isWhole && { cutOffBy: reason }) };
}

function isFramed({ headers }: HttpAnswer): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

/** The bytes of an answer, as they come. */
class Tape {
  readonly #chunks: Buffer[] = [];
  #length = 0;
  #looked = 0;

  /** False once there is more than is read. */
  add(chunk: Buffer): boolean {
    this.#chunks.push(chunk.subarray(0, Math.max(MAX_ANSWER_BYTES - this.#length, 0)));
    this.#length += chunk.length;
    return this.#length <= MAX_ANSWER_BYTES;
  }

  bytes(): Buffer {
    const whole = Buffer.concat(this.#chunks);
    this.#chunks.splice(0, Infinity, whole);
    return whole;
  }

  /** Only so many bytes are looked through: an answer in pieces of one byte must not cost the square of its length. */
  mayLook(): boolean {
    this.#looked += this.#length;
    return this.#looked <= LOOKING_BYTES;
  }
}
