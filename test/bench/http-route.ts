import { Agent, get } from 'node:http';
import { type Durations, durations } from './figures.ts';

export interface RouteFigures {
  readonly requestsASecond: number;
  readonly latency: Durations;
}

const CLIENTS = 20;
const FOR_MS = 5000;

/** Twenty clients that ask for a token over HTTP as fast as they are answered. */
export async function routeFigures(apiUrl: string): Promise<RouteFigures> {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  const latencies: number[] = [];
  const untilMs = performance.now() + FOR_MS;
  const client = async () => {
    while (performance.now() < untilMs) {
      const startMs = performance.now();
      const status = await statusOf(`${apiUrl}/tokens/demo`, agent);
      if (status !== 200) throw new Error(`GET /tokens/demo: ${status}`);
      latencies.push(performance.now() - startMs);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  agent.destroy();
  return { requestsASecond: latencies.length / (FOR_MS / 1000), latency: durations(latencies) };
}

function statusOf(url: string, agent: Agent): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    request.on('error', reject);
  });
}
