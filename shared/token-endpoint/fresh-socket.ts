import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '../clock/clock.ts';
import type { FailureReason } from '../failure/reasons.ts';
import { failureReason } from './failure-reason.ts';

export interface FreshSocketOptions {
  readonly clock: Clock;
  /** The connection is ready before this (monotonic ms), or it is given up. */
  readonly byMs: number;
  /** Certificate authorities to trust instead of the machine's (PEM). */
  readonly ca?: string | readonly string[];
}

/** Either a socket on which not one byte of a request was written yet, or the reason code why there is none. */
export type FreshSocket =
  | { readonly socket: Socket; readonly reason?: undefined }
  | { readonly socket?: undefined; readonly reason: FailureReason };

/**
 * Opens a connection to the URL's host and waits until it could carry a request: TCP connected and, for https,
 * the certificate verified. Always a new one: a kept one may have slept through a freeze of the process, and a
 * request written into it is neither sent nor not sent. Never rejects; a socket that fails is destroyed.
 */
export async function openFreshSocket(url: URL, options: FreshSocketOptions): Promise<FreshSocket> {
  const { clock, byMs } = options;
  if (clock.monotonicMs() >= byMs) return { reason: 'send-deadline' };
  const timer = new AbortController();
  const { promise, resolve } = Promise.withResolvers<FreshSocket>();
  const socket = startConnecting(url, options.ca, () => resolve({ socket }));
  // Stays attached: an error after the race is over must not become an uncaught exception.
  socket.on('error', (error) => resolve({ reason: failureReason(error, 'connect-failed') }));
  socket.once('close', () => resolve({ reason: 'connect-failed' }));
  void clock.sleep(byMs - clock.monotonicMs(), timer.signal).then(() => resolve({ reason: 'send-deadline' }));
  const result = await promise;
  timer.abort();
  if (result.reason !== undefined) socket.destroy();
  return result;
}

function startConnecting(url: URL, ca: FreshSocketOptions['ca'], onReady: () => void): Socket {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (url.protocol === 'http:') {
    return connectTcp({ host, port: Number(url.port || 80), noDelay: true }, onReady);
  }
  return connectTls(
    {
      host,
      port: Number(url.port || 443),
      // Server name indication is for names only (RFC 6066 §3).
      servername: isIP(host) ? undefined : host,
      ALPNProtocols: ['http/1.1'],
      ca: typeof ca === 'string' ? ca : ca?.slice(),
    },
    onReady,
  );
}
