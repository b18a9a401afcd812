import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { Clock } from '../../../shared/clock/clock.ts';
import { systemClock } from '../../../shared/clock/system-clock.ts';
import { SECRETS, tokenBody } from './fixtures.ts';
import { LOOPBACK_CERTIFICATE } from './loopback-certificate.ts';
import { clockAtWill, isPair, post } from './loopback-post.ts';
import { closedPort, httpAnswer, startServer } from './loopback-server.ts';

test('one whole request is sent, on a connection that is closed afterwards', async (t) => {
  const server = await startServer(t, { onRequest: (socket) => socket.write(httpAnswer(200, tokenBody())) });

  assert.ok(isPair(await post(server.tokenUrl)));

  assert.equal(server.requests.length, 1);
  const [head = '', body] = server.requests[0]?.split('\r\n\r\n') ?? [];
  assert.match(head, /^POST \/auth\/oauth\/v2\/token\?tenant=a HTTP\/1\.1\r\n/);
  assert.match(head, /\r\nhost: 127\.0\.0\.1:\d+\r\n/i);
  assert.match(head, /\r\nconnection: close(?:\r\n|$)/i);
  assert.equal(new URLSearchParams(body).get('refresh_token'), SECRETS.refreshToken);
});

test('every post opens a connection of its own', async (t) => {
  const server = await startServer(t, { onRequest: (socket) => socket.write(httpAnswer(200, tokenBody())) });

  await post(server.tokenUrl);
  await post(server.tokenUrl);

  assert.equal(server.connections.length, 2);
});

test('a trusted server is posted to over TLS, with the password in the header for basic authentication', async (t) => {
  const server = await startServer(t, {
    tls: true,
    onRequest: (socket) => socket.end(httpAnswer(200, tokenBody())),
  });

  const outcome = await post(server.tokenUrl, { ca: LOOPBACK_CERTIFICATE, changes: { clientAuth: 'basic' } });

  assert.ok(isPair(outcome));
  assert.match(server.requests[0] ?? '', /\r\nauthorization: Basic /i);
});

test('a server with a certificate that nobody vouches for is sent nothing', async (t) => {
  const server = await startServer(t, { tls: true });

  const outcome = await post(server.tokenUrl);

  assert.deepEqual(outcome, { kind: 'not-sent', reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  assert.equal(server.requests.length, 0);
});

test('a server with a certificate for another name is sent nothing', async (t) => {
  const server = await startServer(t, { tls: true });
  const tokenUrl = server.tokenUrl.replace('127.0.0.1', '127.0.0.2');

  const outcome = await post(tokenUrl, { ca: LOOPBACK_CERTIFICATE });

  assert.equal(outcome.kind, 'not-sent');
  assert.equal(server.requests.length, 0);
});

test('a server that closes the connection during the TLS handshake is sent nothing', async (t) => {
  const server = await startServer(t, { onConnection: (socket) => socket.destroy() });

  const outcome = await post(server.tokenUrl.replace('http:', 'https:'));

  assert.equal(outcome.kind, 'not-sent');
});

test('a connection that is not ready before the send deadline carries nothing', async (t) => {
  // The TCP connection is accepted, the TLS handshake never answered.
  const received: string[] = [];
  const { clock, pass } = clockAtWill();
  const server = await startServer(t, {
    onConnection: (socket) =>
      socket.on('data', (chunk) => {
        received.push(chunk.toString('latin1'));
        pass();
      }),
  });

  const outcome = await post(server.tokenUrl.replace('http:', 'https:'), { clock });

  assert.deepEqual(outcome, { kind: 'not-sent', reason: 'send-deadline' });
  assert.doesNotMatch(received.join(''), /sentinel|POST/);
  const [connection] = server.connections;
  assert.ok(connection);
  if (!connection.closed) await once(connection, 'close');
});

test('a process that was frozen between connecting and sending sends nothing', async (t) => {
  const server = await startServer(t, {});
  let frozenMs = 0;
  const clock: Clock = {
    nowMs: systemClock.nowMs,
    monotonicMs: () => systemClock.monotonicMs() + frozenMs,
    // The wait for the connection is abandoned when there is one: that is when the freeze comes.
    sleep: async (ms, signal) => {
      signal?.addEventListener('abort', () => {
        frozenMs = 60_000;
      });
      await systemClock.sleep(ms, signal);
    },
  };

  const outcome = await post(server.tokenUrl, { clock });

  assert.deepEqual(outcome, { kind: 'not-sent', reason: 'send-deadline' });
  assert.equal(server.requests.length, 0);
});

test('a refused connection is not sent', async () => {
  const outcome = await post(`http://127.0.0.1:${await closedPort()}/token`);
  assert.deepEqual(outcome, { kind: 'not-sent', reason: 'ECONNREFUSED' });
});

test('a host that does not exist is not sent', async () => {
  const outcome = await post('https://name.invalid/token');
  assert.ok(outcome.kind === 'not-sent');
  assert.match(outcome.reason, /^(?:ENOTFOUND|EAI_AGAIN)$/);
});

test('no timer and no connection is left when a post has ended', async (t) => {
  const closed = Promise.withResolvers<void>();
  const server = await startServer(t, {
    onConnection: (socket) => socket.on('close', () => closed.resolve()),
    onRequest: (socket) => socket.write(httpAnswer(200, tokenBody())),
  });
  let sleeping = 0;
  const clock: Clock = {
    ...systemClock,
    sleep: async (ms, signal) => {
      sleeping += 1;
      await systemClock.sleep(ms, signal);
      sleeping -= 1;
    },
  };

  await post(server.tokenUrl, { clock });

  // The server never closes by itself, so this is the client's doing.
  await closed.promise;
  assert.equal(sleeping, 0);
});
