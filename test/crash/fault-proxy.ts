import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse, request as startRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What can happen to a request on the wire. `cut`: the victim's way out is gone from then on, which is its death. */
export const WIRE_FAULTS = [
  'reset before',
  'reset after',
  'http 500',
  'hang',
  'service away',
  'cut before',
  'cut after',
] as const;
export type WireFault = (typeof WIRE_FAULTS)[number];

/** One victim: its requests are told by its id, which is in the body or the path of each. */
export interface Cell {
  readonly id: string;
  /** Where its token requests go. */
  readonly providerUrl: string;
  /** The request that is struck: its label, numbered among those of the same label. */
  readonly strike?: { readonly step: string; readonly fault: WireFault };
  /** Labels of all requests that it made, resent ones too. */
  readonly requests: string[];
  isCut: boolean;
  /** The victim has ended: what comes now is somebody else's and passes. */
  isOver: boolean;
  /** `service away`: which. */
  away?: string;
}

export interface FaultProxy {
  readonly url: string;
  readonly cells: Map<string, Cell>;
  stop(): Promise<void>;
}

/** Stands between SDK clients and `awsUrl`, and between the token endpoint's client and each cell's provider. */
export async function startFaultProxy(awsUrl: string): Promise<FaultProxy> {
  const cells = new Map<string, Cell>();
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const id = /cell-\d+/.exec(`${request.url} ${body.toString()}`)?.[0];
    await pass(cells.get(id ?? ''), awsUrl, request, body, response).catch(() => request.socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cells,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function pass(
  cell: Cell | undefined,
  awsUrl: string,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<void> {
  const provided = cell && /^\/cell-\d+(\/.*)$/.exec(request.url ?? '')?.[1];
  const target = provided ? cell.providerUrl + provided : awsUrl + request.url;
  // Nobody else calls AWS by this way: what a container that was cut off still has under way never gets there.
  const isOthers = cell?.isOver && (provided || !cell.isCut);
  if (!cell || isOthers) return forward(target, request, body, response);
  const { service, label } = labelOf(request, body);
  const number = cell.requests.filter((made) => made === label).length + 1;
  cell.requests.push(label);
  const isStruck = cell.strike?.step === `${label} ${number}`;
  const fault = isStruck ? cell.strike?.fault : undefined;
  if (fault === 'service away') cell.away = service;
  if (fault === 'cut before') cell.isCut = true;
  if (cell.isCut || cell.away === service || fault === 'reset before') return void request.socket.destroy();
  if (fault === 'hang') return;
  if (fault === 'http 500') return void response.writeHead(500).end('{"__type":"InternalFailure"}');
  if (fault === 'cut after') cell.isCut = true;
  if (fault === 'cut after' || fault === 'reset after') return forward(target, request, body);
  return forward(target, request, body, response);
}

/** Forwards; without a `response` the answer is read to its end and then lost. */
async function forward(
  url: string,
  request: IncomingMessage,
  body: Buffer,
  response?: ServerResponse,
): Promise<void> {
  const headers = { ...request.headers, host: new URL(url).host };
  const outgoing = startRequest(url, { method: request.method, headers });
  outgoing.end(body);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  const bytes = await buffer(answer);
  if (!response) return void request.socket.destroy();
  response.writeHead(answer.statusCode ?? 500, answer.headers).end(bytes);
}

function labelOf(request: IncomingMessage, body: Buffer): { service: string; label: string } {
  const [service = '', operation = ''] = String(request.headers['x-amz-target'] ?? '').split('.');
  if (!operation) return { service: 'provider', label: 'POST token' };
  const text = body.toString();
  const table = /renova-\w+-(credentials|quota)/.exec(text)?.[1];
  const what = table ?? /\/(client|rescue|token)\b/.exec(text)?.[1] ?? '';
  return { service: service.split('_')[0] ?? '', label: `${operation} ${what}`.trim() };
}
