import { once } from 'node:events';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import type { FetchInit } from './transport.ts';

/**
 * One request on a new connection that ends with it, through a proxy if there is one. Follows no redirect. Rejects
 * with the network's error, or the signal's reason.
 */
export async function fetchByOwnConnection(
  address: string,
  { method, headers, body, signal }: FetchInit,
  proxy?: URL,
): Promise<Response> {
  signal.throwIfAborted();
  const url = new URL(address);
  const socket = proxy && (await tunnel(url, proxy, signal));
  const host = bareHost(url);
  const connection = socket
    ? { createConnection: () => tlsConnect({ socket, host, servername: isIP(host) ? '' : host }) }
    : { agent: false as const };
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const request = send(url, { method, headers, signal, ...connection });
  request.end(body);
  try {
    return await toResponse(await answerOf(request));
  } finally {
    socket?.destroy();
  }
}

async function answerOf(request: ClientRequest): Promise<IncomingMessage> {
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  return answer;
}

async function toResponse(answer: IncomingMessage): Promise<Response> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(answer.headersDistinct)) {
    for (const value of values) headers.append(name, value);
  }
  const { statusCode: status = 0 } = answer;
  const hasBody = ![204, 205, 304].includes(status);
  return new Response(hasBody ? Buffer.concat(chunks) : null, { status, headers });
}

/** The connection that a proxy makes (RFC 9110 §9.3.6). */
async function tunnel(url: URL, proxy: URL, signal: AbortSignal): Promise<Socket> {
  const target = `${url.hostname}:${url.port || 443}`;
  const headers: Record<string, string> = { host: target };
  if (proxy.username) {
    const user = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
    headers['proxy-authorization'] = `Basic ${Buffer.from(user).toString('base64')}`;
  }
  const send = proxy.protocol === 'https:' ? httpsRequest : httpRequest;
  const to = { host: bareHost(proxy), port: proxy.port || undefined, method: 'CONNECT', path: target };
  const request = send({ ...to, headers, signal, agent: false });
  request.end();
  const [answer, socket] = (await once(request, 'connect')) as [IncomingMessage, Socket];
  if (answer.statusCode === 200) return socket;
  socket.destroy();
  throw Object.assign(new Error('The proxy refuses'), { code: `EPROXY_${answer.statusCode}` });
}

/** An IPv6 address without its brackets. */
function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}
