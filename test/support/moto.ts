import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { killedWithUs } from './stack-process.ts';

const START_WITHIN_MS = 60_000;
const POLL_MS = 100;

/** The account that everything of moto's is in. */
const MOTO_ACCOUNT_ID = '000000000000';

interface RunningMoto {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** One for the process: it takes seconds to start, and again to load each service. */
let running: Promise<RunningMoto> | undefined;
after(async () => (await running)?.stop());

/**
 * The endpoint of moto's server, with nothing in it, on a free port of loopback. All files of a process share it, one
 * after the other: what is left of one is forgotten when the next one asks. It ends with the last test.
 */
export async function emptyMoto(): Promise<string> {
  const isNew = running === undefined;
  running ??= startMoto();
  const { endpoint } = await running;
  if (!isNew) await (await fetch(`${endpoint}/moto-api/reset`, { method: 'POST' })).arrayBuffer();
  return endpoint;
}

async function startMoto(): Promise<RunningMoto> {
  const port = await freePort();
  const server = spawn('python3', ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
    env: { ...process.env, MOTO_ACCOUNT_ID },
  });
  killedWithUs(server);
  const stop = () => stopProcess(server);
  try {
    const endpoint = `http://127.0.0.1:${port}`;
    await answers(server, `${endpoint}/moto-api/`);
    return { endpoint, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function answers(server: ChildProcess, url: string): Promise<void> {
  const deadlineMs = performance.now() + START_WITHIN_MS;
  while (server.exitCode === null && performance.now() < deadlineMs) {
    const response = await fetch(url).catch(() => undefined);
    await response?.arrayBuffer();
    if (response?.ok) return;
    await delay(POLL_MS);
  }
  throw new Error(`moto did not answer within ${START_WITHIN_MS} ms, or ended with ${server.exitCode}`);
}

async function stopProcess(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.kill();
  await exited;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
