import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { systemClock } from '../../../shared/clock/system-clock.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { HttpsTokenEndpoint } from '../../../shared/token-endpoint/https-token-endpoint.ts';
import { ScriptedTokenEndpoint, type Step } from '../../support/fakes/scripted-token-endpoint.ts';
import {
  ACCESS_TOKEN,
  type Behaviour,
  type ProviderUnderTest,
  REFRESH_TOKEN,
  RETRY_AFTER_SECONDS,
  tokenEndpointContract,
} from './token-endpoint-contract.ts';

const STEPS: Record<Behaviour, Step> = {
  success: {
    kind: 'success',
    response: {
      accessToken: new Secret(ACCESS_TOKEN),
      refreshToken: new Secret(REFRESH_TOKEN),
      tokenType: 'Bearer',
    },
  },
  'refused-grant': { kind: 'refused-grant', reason: 'invalid_grant' },
  throttled: { kind: 'throttled', retryAfterSeconds: RETRY_AFTER_SECONDS },
  silence: () => new Promise(() => undefined),
};

const ANSWERS: Record<Behaviour, (response: ServerResponse) => void> = {
  success: (response) =>
    response.end(JSON.stringify({ access_token: ACCESS_TOKEN, refresh_token: REFRESH_TOKEN })),
  'refused-grant': (response) => response.writeHead(400).end('{"error":"invalid_grant"}'),
  throttled: (response) => response.writeHead(429, { 'retry-after': String(RETRY_AFTER_SECONDS) }).end(),
  silence: () => undefined,
};

tokenEndpointContract('scripted', async () => {
  const endpoint = new ScriptedTokenEndpoint({ clock: systemClock });
  return {
    endpoint,
    tokenUrl: 'https://provider.example/token',
    behave: (behaviour) => endpoint.playAlways(STEPS[behaviour]),
    receivedCount: () => endpoint.received.length,
  };
});

tokenEndpointContract('https', startHttpProvider);

async function startHttpProvider(t: TestContext): Promise<ProviderUnderTest> {
  let behaviour: Behaviour = 'silence';
  let received = 0;
  const server = createServer((request, response) => {
    received += 1;
    request.resume().on('end', () => ANSWERS[behaviour](response));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: new HttpsTokenEndpoint({ clock: systemClock }),
    tokenUrl: `http://127.0.0.1:${port}/token`,
    behave: (next) => {
      behaviour = next;
    },
    receivedCount: () => received,
  };
}
