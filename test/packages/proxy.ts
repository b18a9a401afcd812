import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Server } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** An https server named `host`, to be reached through a proxy alone. */
export interface ProxiedServer {
  readonly proxyUrl: string;
  /** PEM file of the authority that vouches for the host. */
  readonly authority: string;
  /** The targets that the proxy was asked for. */
  readonly targets: readonly string[];
}

/** Starts both on loopback, until the test ends. The certificate is made by openssl, in `folder`. */
export async function startProxiedServer(
  t: TestContext,
  folder: string,
  host: string,
  answer: RequestListener,
): Promise<ProxiedServer> {
  const [key, cert] = [join(folder, 'fake-key.pem'), join(folder, 'fake-cert.pem')];
  const subject = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`];
  const output = ['-keyout', key, '-out', cert, '-days', '2', '-nodes'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  execFileSync('openssl', ['req', '-x509', ...curve, ...subject, ...output], { stdio: 'ignore' });

  const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, answer);
  const port = await listening(t, server);
  const targets: string[] = [];
  const proxy = createServer().on('connect', (request, socket) => {
    targets.push(request.url ?? '');
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    for (const end of [upstream, socket]) end.on('error', () => undefined);
  });
  return { proxyUrl: `http://127.0.0.1:${await listening(t, proxy)}`, authority: cert, targets };
}

async function listening(t: TestContext, server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}
