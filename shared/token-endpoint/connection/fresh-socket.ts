import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '../../clock/clock.ts';
import type { FailureReason } from '../../failure/reasons.ts';
import type { Secret } from '../../secret/secret.ts';
import { failureReason } from './failure-reason.ts';
import { isServerName, withoutRootDot } from './server-name.ts';

/** What a TLS handshake is made with, beside the server's name. */
export interface TlsMaterial {
  /** Certificate authorities to trust instead of the machine's (PEM). */
  readonly ca?: string | readonly string[];
  /** The client's certificate and its key (PEM), for servers that ask for one. */
  readonly certificate?: Secret;
  readonly key?: Secret;
}

export interface FreshSocketOptions extends TlsMaterial {
  readonly clock: Clock;
  /** The connection is ready before this (monotonic ms), or it is given up. */
  readonly byMs: number;
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
  if (!isServerName(url.hostname)) return { reason: 'invalid-server-name' };
  if (clock.monotonicMs() >= byMs) return { reason: 'send-deadline' };
  const timer = new AbortController();
  const { promise, resolve } = Promise.withResolvers<FreshSocket>();
  let socket: Socket;
  try {
    socket = startConnecting(url, options, () => resolve({ socket }));
  } catch (error) {
    return { reason: failureReason(error, 'connect-failed') };
  }
  // Stays attached: an error after the race is over must not become an uncaught exception.
  socket.on('error', (error) => resolve({ reason: failureReason(error, 'connect-failed') }));
  socket.once('close', () => resolve({ reason: 'connect-failed' }));
  void clock.sleep(byMs - clock.monotonicMs(), timer.signal).then(() => resolve({ reason: 'send-deadline' }));
  const result = await promise;
  timer.abort();
  if (result.reason !== undefined) socket.destroy();
  return result;
}

function startConnecting(url: URL, { ca, certificate, key }: TlsMaterial, onReady: () => void): Socket {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (url.protocol === 'http:') {
    return connectTcp({ host, port: Number(url.port || 80), noDelay: true }, onReady);
  }
  return connectTls(
    {
      host,
      port: Number(url.port || 443),
      // Server name indication is for names only (RFC 6066 §3).
      servername: isIP(host) ? undefined : withoutRootDot(host),
      ALPNProtocols: ['http/1.1'],
      ca: typeof ca === 'string' ? ca : ca?.slice(),
      cert: certificate?.reveal(),
      key: key?.reveal(),
    },
    onReady,
  );
}
