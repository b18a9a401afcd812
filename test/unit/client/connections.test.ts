import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { createTokenSource, signedFetch } from '../../../client/index.ts';
import { fetchByOwnConnection } from '../../../client/own-connection.ts';

const TOKEN = JSON.stringify({ access_token: 'fake-access-1', generation: 1, expires_in: 300 });
const CREDENTIALS = { accessKeyId: 'fake-key', secretAccessKey: 'fake-secret', sessionToken: 'fake-session' };

describe('a token source on a real connection', () => {
  it('loses no call to a pooled connection that is dead', async (t) => {
    const requests = new WeakMap<Socket, number>();
    const { url, connections } = await listen(t, ({ socket }, answer) => {
      const count = (requests.get(socket) ?? 0) + 1;
      requests.set(socket, count);
      if (count === 2) socket.resetAndDestroy();
      else answer.end(TOKEN);
    });
    const source = createTokenSource({ credential: 'acme', via: 'read-api', url });
    for (let call = 0; call < 6; call += 1) assert.equal((await source.getToken()).generation, 1);
    assert.ok(connections() > 3, 'a second try has a connection of its own');
  });

  it('asks once more when an answer breaks off, and no more than once', async (t) => {
    let requests = 0;
    const { url } = await listen(t, ({ socket }, answer) => {
      requests += 1;
      answer.writeHead(200, { 'content-length': 1000 });
      answer.write('{"access_token":"fake-access', () => socket.destroy());
    });
    const source = createTokenSource({ credential: 'acme', via: 'read-api', url });
    await assert.rejects(source.getToken(), { code: 'unavailable', message: /^(?!.*fake-access)/ });
    assert.equal(requests, 2);
  });

  for (const status of [301, 302, 303, 307, 308]) {
    it(`follows no redirect (${status}), and gives its session token to nobody else`, async (t) => {
      const seen: IncomingMessage[] = [];
      const other = await listen(t, (request, answer) => {
        seen.push(request);
        answer.end(TOKEN);
      });
      const api = await listen(t, ({ url = '' }, answer) => {
        answer.writeHead(status, { location: `${other.url}${url}` }).end();
      });
      const fetch = signedFetch({ region: 'sa-east-1', credentials: () => CREDENTIALS });
      for (const more of [{ fetch }, {}, { fetch: globalThis.fetch }]) {
        const source = createTokenSource({ credential: 'acme', via: 'read-api', url: api.url, ...more });
        await assert.rejects(source.getToken(), { code: 'redirected', isTemporary: false });
      }
      assert.equal(seen.length, 0);
    });
  }
});

describe('a request through a proxy', () => {
  it('asks it for a connection to the host, and says who it is', async (t) => {
    const { url, server } = await listen(t, () => assert.fail('a proxy gets no request of its own'));
    const asked = once(server, 'connect') as Promise<[IncomingMessage, Socket]>;
    const proxy = new URL(url);
    Object.assign(proxy, { username: 'user', password: 'p@ss' });
    const { signal } = new AbortController();
    const sent = fetchByOwnConnection('https://api.example/x', { method: 'GET', headers: {}, signal }, proxy);
    const [request, socket] = await asked;
    assert.equal(request.method, 'CONNECT');
    assert.equal(request.url, 'api.example:443');
    assert.equal(request.headers['proxy-authorization'], `Basic ${btoa('user:p@ss')}`);
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    const [hello] = (await once(socket, 'data')) as [Buffer];
    assert.equal(hello[0], 22, 'TLS begins in the tunnel');
    assert.match(hello.toString('latin1'), /api\.example/);
    socket.destroy();
    await assert.rejects(sent);
  });

  it('names the refusal of the proxy, and not its password', async (t) => {
    const { url, server } = await listen(t, () => undefined);
    server.on('connect', (_, socket: Socket) => socket.end('HTTP/1.1 407 Authentication required\r\n\r\n'));
    const { signal } = new AbortController();
    const proxy = new URL(url);
    const init = { method: 'GET', headers: {}, signal };
    await assert.rejects(fetchByOwnConnection('https://api.example/', init, proxy), { code: 'EPROXY_407' });
  });
});

async function listen(t: TestContext, answer: RequestListener) {
  const server: Server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${port}`, connections: () => connections };
}
