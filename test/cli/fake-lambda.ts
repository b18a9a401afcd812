import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

/** One request as it arrived. */
interface Invocation {
  readonly functionName: string;
  readonly request: Record<string, unknown>;
}

interface FakeAnswer {
  readonly status?: number;
  /** Lambda's name for an error that it answers with. */
  readonly errorType?: string;
  /** The function itself failed. */
  readonly functionError?: boolean;
  readonly body: unknown;
}

/**
 * Lambda's Invoke on loopback (API reference: `POST /2015-03-31/functions/<name>/invocations`), answering
 * every invocation as `answer` says. It is closed when the test ends.
 */
export async function fakeLambda(context: TestContext, answer: (invocation: Invocation) => FakeAnswer) {
  const invocations: Invocation[] = [];
  const server = createServer(async (request, response) => {
    const functionName = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.url ?? '')?.[1];
    if (request.method !== 'POST' || functionName === undefined) {
      response.writeHead(404).end();
      return;
    }
    const invocation = { functionName, request: JSON.parse(await text(request)) };
    invocations.push(invocation);
    const { status = 200, errorType, functionError, body } = answer(invocation);
    response
      .writeHead(status, {
        'content-type': 'application/json',
        ...(errorType !== undefined && { 'x-amzn-errortype': errorType }),
        ...(functionError && { 'x-amz-function-error': 'Unhandled' }),
      })
      .end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { invocations, port, url: `http://127.0.0.1:${port}` };
}
