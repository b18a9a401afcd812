import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  createSecretsManager,
  type SecretsManager,
} from '../../local/aws/secrets-manager/secrets-manager.ts';
import type { Clock } from '../../shared/clock/clock.ts';
import { testClientOptions } from './aws-clients.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Ten requests a second: the emulator throttles at fifty. */
const PACE_MS = 100;

export interface RunningSecretsManager {
  readonly client: SecretsManagerClient;
  readonly endpoint: string;
  /** Puts an empty emulator behind the endpoint, whose 24 hours pass by `clock`. */
  reset(clock: Clock): void;
  stop(): Promise<void>;
}

/** The emulator of Secrets Manager in this process, on a free port of loopback. */
export async function startSecretsManager(clock: Clock): Promise<RunningSecretsManager> {
  let emulator = createSecretsManager({ clock, dayMs: DAY_MS });
  const server = createServer(async (request, response) => {
    const { status, body } = await answer(emulator, request);
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new SecretsManagerClient(testClientOptions(endpoint));
  return {
    client,
    endpoint,
    reset: (newClock) => {
      emulator = createSecretsManager({ clock: newClock, dayMs: DAY_MS });
    },
    stop: async () => {
      client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** `wall` as wall time, and a monotonic time so quick that no request is ever throttled. */
export function unhurried(wall: Clock): Clock {
  let monotonicMs = 0;
  return {
    nowMs: () => wall.nowMs(),
    monotonicMs: () => {
      monotonicMs += PACE_MS;
      return monotonicMs;
    },
    sleep: (ms, signal) => wall.sleep(ms, signal),
  };
}

async function answer(emulator: SecretsManager, request: IncomingMessage) {
  const target = String(request.headers['x-amz-target']);
  return emulator.handle(target.replace(/^secretsmanager\./, ''), await json(request), 'us-east-1');
}
