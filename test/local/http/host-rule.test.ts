// One rule for all three servers of the local stack.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { hostRefusal } from '../../../local/http/host-rule.ts';
import { startStack } from '../../../local/stack.ts';

const statusOf = (rawHeaders: string[], allowed?: string[]) => hostRefusal({ rawHeaders }, allowed)?.status;

describe('the rule for Host', () => {
  test("takes this machine's names, with a port or without", () => {
    for (const host of ['127.0.0.1', '127.0.0.1:4700', 'LOCALHOST:1', '[::1]:4700']) {
      assert.equal(statusOf(['Host', host]), undefined, host);
    }
  });

  test('refuses every other name, unless it was allowed', () => {
    for (const host of [
      'evil.example',
      '127.0.0.1.evil.example',
      'localhost.evil.example',
      '',
      '127.0.0.1:x',
    ]) {
      assert.equal(statusOf(['host', host]), 403, host);
    }
    assert.equal(statusOf(['Host', 'Host.Docker.internal:4700'], ['host.docker.internal']), undefined);
    assert.equal(statusOf(['Host', 'evil.example'], ['host.docker.internal']), 403);
  });

  test('wants exactly one', () => {
    assert.equal(statusOf(['Accept', 'host']), 400);
    assert.equal(statusOf(['Host', 'localhost', 'HOST', 'localhost']), 400);
  });
});

async function run(context: TestContext, allowHosts?: string[]) {
  const options = { port: 0, apiPort: 0, providerPort: 0, parts: 'all', demo: false } as const;
  const stack = await startStack(
    { env: 'prd', scale: 1, ...options, allowRemoteProvider: false, allowHosts },
    { variables: {} },
  );
  context.after(() => stack.stop());
  return [stack.awsUrl, stack.apiUrl, stack.providerUrl].map((url) => Number(new URL(url ?? '').port));
}

/** The status of `GET /healthz` with these lines of headers. */
async function statusWith(port: number, lines: readonly string[]): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET /healthz HTTP/1.1\r\n${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`);
  const [chunk] = await once(socket, 'data');
  socket.destroy();
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(String(chunk))?.[1]);
}

test('every server of the stack holds to it', async (context) => {
  const ports = await run(context, ['stack.ci']);
  for (const port of ports) {
    const evil = await statusWith(port, ['Host: evil.example']);
    const two = await statusWith(port, ['Host: localhost', 'Host: 127.0.0.1']);
    assert.deepEqual([evil, two], [403, 400]);
  }
  const [, api = 0, provider = 0] = ports;
  assert.deepEqual(
    [await statusWith(api, ['Host: stack.ci']), await statusWith(provider, ['Host: stack.ci:4702'])],
    [200, 200],
  );
});
