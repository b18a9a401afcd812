import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** What a service does with a request, once its body is there. */
export type Step = (request: IncomingMessage, response: ServerResponse, body: string) => void;

export interface ScriptedService {
  readonly endpoint: string;
  /** `x-amz-target` of every request, in order. */
  readonly targets: readonly string[];
  readonly requests: readonly IncomingMessage[];
  /** Connections that were accepted. */
  readonly connections: readonly Socket[];
}

/** A service of AWS that answers the first request by the first step and so on; the last step goes on for ever. */
export async function startService(t: TestContext, ...steps: Step[]): Promise<ScriptedService> {
  const targets: string[] = [];
  const requests: IncomingMessage[] = [];
  const connections: Socket[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const step = steps[Math.min(requests.length, steps.length - 1)];
      targets.push(String(request.headers['x-amz-target']));
      requests.push(request);
      step?.(request, response, Buffer.concat(chunks).toString());
    });
  });
  server.on('connection', (socket) => connections.push(socket));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { endpoint, targets, requests, connections };
}

export function answers(json: object, status = 200): Step {
  return (_, response) => response.writeHead(status).end(JSON.stringify(json));
}
