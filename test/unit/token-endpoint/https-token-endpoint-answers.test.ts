import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { revealed, tokenBody } from './fixtures.ts';
import { LOOPBACK_CERTIFICATE } from './loopback-certificate.ts';
import { clockAtWill, isPair, post } from './loopback-post.ts';
import { httpAnswer, startServer } from './loopback-server.ts';

test('a server that hangs up without reading the request leaves the outcome unknown', async (t) => {
  const server = await startServer(t, {
    onConnection: (socket) => {
      socket.pause();
      setTimeout(() => socket.resetAndDestroy(), 50);
    },
  });

  const outcome = await post(server.tokenUrl);

  assert.deepEqual(outcome, { kind: 'unknown', reason: 'ECONNRESET' });
  assert.equal(server.requests.length, 0);
});

test('a server that hangs up after the request leaves the outcome unknown, and is not asked again', async (t) => {
  const server = await startServer(t, { onRequest: (socket) => socket.destroy() });

  const outcome = await post(server.tokenUrl);

  assert.deepEqual(outcome, { kind: 'unknown', reason: 'connection-closed' });
  assert.equal(server.connections.length, 1);
  assert.equal(server.requests.length, 1);
});

test('a server that never answers leaves the outcome unknown at the deadline', async (t) => {
  const { clock, pass } = clockAtWill();
  const server = await startServer(t, { onRequest: pass });

  const outcome = await post(server.tokenUrl, { clock });

  assert.deepEqual(outcome, { kind: 'unknown', reason: 'answer-deadline' });
  assert.equal(server.requests.length, 1);
});

test('an answer that is not HTTP leaves the outcome unknown', async (t) => {
  const server = await startServer(t, { onRequest: (socket) => socket.end('sentinel: hello\r\n\r\n') });

  const outcome = await post(server.tokenUrl);

  assert.deepEqual(outcome, { kind: 'unknown', reason: 'not-http' });
});

const LENGTH = `content-length: ${Buffer.byteLength(tokenBody())}\r\n`;
/** Heads that a strict parser refuses. */
const REFUSED_HEADS: Record<string, string> = {
  'its length twice': `HTTP/1.1 200 OK\r\n${LENGTH}${LENGTH}\r\n`,
  'two lengths that differ': `HTTP/1.1 200 OK\r\n${LENGTH}content-length: 7\r\n\r\n`,
  'a header without a colon': `HTTP/1.1 200 OK\r\nfake header\r\n${LENGTH}\r\n`,
};

for (const tls of [false, true]) {
  for (const [what, head] of Object.entries(REFUSED_HEADS)) {
    test(`a pair behind ${what} is a success, ${tls ? 'by TLS' : 'in clear'}`, async (t) => {
      const server = await startServer(t, { tls, onRequest: (socket) => socket.end(head + tokenBody()) });
      assert.ok(isPair(await post(server.tokenUrl, { ca: LOOPBACK_CERTIFICATE })));
    });
  }
}

test('what follows such a head and is no token response leaves the outcome unknown', async (t) => {
  const [head = ''] = Object.values(REFUSED_HEADS);
  for (const [answer, expected] of [
    [head, 'connection-closed'],
    [`${head}<html>`, 'connection-closed'],
    [`${head.replace('200 OK', '302 Found')}${tokenBody()}`, 'http-302'],
  ] as const) {
    const server = await startServer(t, { onRequest: (socket) => socket.end(answer) });
    assert.deepEqual(await post(server.tokenUrl), { kind: 'unknown', reason: expected });
  }
});

test('a redirect is not followed', async (t) => {
  const target = await startServer(t, { onRequest: (socket) => socket.end(httpAnswer(200, tokenBody())) });
  const server = await startServer(t, {
    onRequest: (socket) =>
      socket.end(`HTTP/1.1 307 X\r\nlocation: ${target.tokenUrl}\r\ncontent-length: 0\r\n\r\n`),
  });

  assert.deepEqual(await post(server.tokenUrl), { kind: 'unknown', reason: 'http-307' });
  assert.equal(target.connections.length, 0);
});

const WHOLE = tokenBody();
/** The tokens are whole in it, the object is not. */
const CUT = WHOLE.slice(0, WHOLE.indexOf('"scope"'));

test('a pair that came before a reset in the middle of the body is taken', async (t) => {
  const server = await startServer(t, {
    // The reset waits until the bytes have left, so that it cannot overtake them.
    onRequest: (socket) =>
      socket.write(httpAnswer(200, CUT, 5000), () => setTimeout(() => socket.resetAndDestroy(), 50)),
  });

  assert.ok(isPair(await post(server.tokenUrl)));
});

test('an answer that ends before its stated length is taken as far as it came', async (t) => {
  const server = await startServer(t, { onRequest: (socket) => socket.end(httpAnswer(200, WHOLE, 5000)) });

  assert.ok(isPair(await post(server.tokenUrl)));
});

test('an answer without a length ends with the connection', async (t) => {
  const server = await startServer(t, {
    onRequest: (socket) => socket.end(`HTTP/1.0 200 OK\r\n\r\n${WHOLE}`),
  });

  assert.ok(isPair(await post(server.tokenUrl)));
});

test('a pair that came before the chunks went wrong is taken', async (t) => {
  const chunk = `${Buffer.byteLength(CUT).toString(16)}\r\n${CUT}\r\n`;
  const server = await startServer(t, {
    onRequest: (socket) => socket.end(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunk}zz\r\n`),
  });

  assert.ok(isPair(await post(server.tokenUrl)));
});

test('an answer with headers that break the rules is read', async (t) => {
  const headers = `x-large: ${'x'.repeat(30_000)}\r\ncontent-length: ${WHOLE.length}`;
  const server = await startServer(t, {
    onRequest: (socket) => socket.end(`HTTP/1.1 200 OK\r\nx: a\u0001b\r\n${headers}\r\n\r\n${WHOLE}`),
  });

  assert.ok(isPair(await post(server.tokenUrl)));
});

/** Sends a body and then a blank now and then, for ever; `then` is called after some of them. */
function trickle(socket: Socket, body: string, then: () => void): void {
  socket.write(httpAnswer(200, body, 5000));
  let blanks = 0;
  const timer = setInterval(() => {
    socket.write(' ');
    blanks += 1;
    if (blanks === 5) then();
  }, 10);
  socket.on('close', () => clearInterval(timer));
}

test('a body that trickles is taken as far as it came at the deadline', async (t) => {
  const { clock, pass } = clockAtWill();
  const server = await startServer(t, { onRequest: (socket) => trickle(socket, CUT, pass) });

  assert.ok(isPair(await post(server.tokenUrl, { clock })));
});

test('a body that trickles with nothing of use in it is given up at the deadline', async (t) => {
  const { clock, pass } = clockAtWill();
  const server = await startServer(t, { onRequest: (socket) => trickle(socket, '', pass) });

  const outcome = await post(server.tokenUrl, { clock });

  assert.deepEqual(outcome, { kind: 'unknown', reason: 'answer-deadline' });
});

test('an answer that came in while the process stood still past the deadline is taken', async (t) => {
  const { clock, pass } = clockAtWill();
  const server = await startServer(t, {
    onRequest: (socket) => {
      socket.write(httpAnswer(200, WHOLE));
      pass();
      // Stops this whole process, the client in it too: afterwards the deadline and the answer both wait.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    },
  });

  assert.ok(isPair(await post(server.tokenUrl, { clock })));
});

test('of an endless body the beginning is read', async (t) => {
  const start = `${CUT}"x":"`;
  const server = await startServer(t, {
    onRequest: (socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n\r\n${start}`);
      const flood = () => {
        while (!socket.destroyed && socket.write('x'.repeat(4096))) {}
      };
      socket.on('drain', flood);
      flood();
    },
  });

  assert.ok(isPair(await post(server.tokenUrl)));
});

test('of a long body that cannot be understood the first 64 KiB are kept', async (t) => {
  const long = `{"x":"${'y'.repeat(100_000)}`;
  const server = await startServer(t, { onRequest: (socket) => socket.end(httpAnswer(200, long)) });

  const outcome = await post(server.tokenUrl);

  assert.deepEqual(revealed(outcome), { kind: 'garbled', body: long.slice(0, 64 * 1024) });
});

test('a body of exactly 64 KiB is read whole', async (t) => {
  const padding = 64 * 1024 - tokenBody({ x: '' }).length;
  const body = tokenBody({ x: 'x'.repeat(padding) });
  assert.equal(body.length, 64 * 1024);
  const server = await startServer(t, { onRequest: (socket) => socket.end(httpAnswer(200, body)) });

  assert.ok(isPair(await post(server.tokenUrl)));
});

test('an answer that goes on beyond what is read is given up', async (t) => {
  const server = await startServer(t, {
    onRequest: (socket) => socket.write(httpAnswer(200, ' '.repeat(3 * 1024 * 1024), 1_000_000_000)),
  });

  assert.deepEqual(await post(server.tokenUrl), { kind: 'unknown', reason: 'too-long' });
});
