import * as v from 'valibot';
import { isLoopback } from '../config/loopback.ts';
import { classifyAnswer, type RawAnswer } from '../token-endpoint/answer/token-response.ts';
import type { DeviceCodes, DeviceOutcome } from './device-endpoint.ts';

/** RFC 8628 §3.2: where a server does not say it. */
const USUAL_INTERVAL_SECONDS = 5;
const USUAL_LIFE_SECONDS = 300;
const LONGEST_SECONDS = 86_400;

/** What is shown in a terminal: printable ASCII, and short. */
const UserCode = v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,64}$/));
const DeviceCode = v.pipe(v.string(), v.regex(/^[\x20-\x7e]{1,4096}$/));
const Seconds = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.decimal(), v.transform(Number))]),
  v.number(),
  v.minValue(0),
  v.transform((seconds) => Math.min(seconds, LONGEST_SECONDS)),
);
/** A person is sent there: https, or this machine. */
const Page = v.pipe(
  v.string(),
  v.maxLength(2048),
  v.check((text) => {
    const url = URL.parse(text);
    return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  }),
  v.transform((text) => new URL(text).href),
);
const Answer = v.object({
  device_code: DeviceCode,
  user_code: UserCode,
  verification_uri: v.optional(Page),
  // The name of a draft, which some providers have kept.
  verification_url: v.optional(Page),
  verification_uri_complete: v.fallback(v.optional(Page), undefined),
  expires_in: v.optional(Seconds, USUAL_LIFE_SECONDS),
  interval: v.optional(Seconds, USUAL_INTERVAL_SECONDS),
});

/** What an answer of the device authorization endpoint means. Never throws; nothing in a refusal is a text of the provider's. */
export function deviceOutcomeOf(answer: RawAnswer, nowMs: number): DeviceOutcome {
  const codes = answer.status >= 200 && answer.status < 300 ? codesIn(answer.body) : undefined;
  if (codes) return { kind: 'asked', codes };
  const outcome = classifyAnswer(answer, nowMs);
  switch (outcome.kind) {
    case 'throttled':
      return { kind: 'refused', outcome: outcome.kind, reason: 'http-429' };
    case 'success':
    case 'garbled':
      return { kind: 'refused', outcome: 'unknown', reason: 'unrecognised-error' };
    case 'not-sent':
    case 'unknown':
    case 'refused':
    case 'refused-grant':
    case 'refused-client':
      return { kind: 'refused', outcome: outcome.kind, reason: outcome.reason };
  }
}

function codesIn(body: Uint8Array): DeviceCodes | undefined {
  const parsed = v.safeParse(Answer, jsonOf(body));
  if (!parsed.success) return undefined;
  const { verification_uri, verification_url, verification_uri_complete, ...codes } = parsed.output;
  const page = verification_uri ?? verification_url;
  if (page === undefined) return undefined;
  return {
    ...codes,
    verification_uri: page,
    ...(verification_uri_complete !== undefined && { verification_uri_complete }),
  };
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
}
