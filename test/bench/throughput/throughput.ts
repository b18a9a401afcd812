import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { killedWithUs } from '../../support/stack-process.ts';
import type { Endpoints } from './endpoints.ts';
import { LATENCIES } from './latencies.ts';

/** What a process of work.ts is asked for. */
export interface WorkRequest {
  readonly way: 'renova' | 'bare' | 'naive';
  readonly providerUrl: string;
  readonly seconds: number;
  /** Credentials that are due; more than can be done. */
  readonly due: number;
  /** One provider of three takes its time. */
  readonly hasSlowProvider: boolean;
}

export interface WorkFigures {
  readonly refreshes: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

export interface ThroughputFigures extends WorkFigures, Pick<WorkRequest, 'way' | 'hasSlowProvider'> {}

const SECONDS = 10;
const DUE = 3000;

/** Refreshes a second of one process against stores and providers that take their time, beside the bare calls and a cron. */
export async function throughputFigures(): Promise<ThroughputFigures[]> {
  const figures: ThroughputFigures[] = [];
  for (const hasSlowProvider of [false, true]) {
    for (const way of ['renova', 'bare', 'naive'] as const) {
      const endpoints = child('endpoints.ts', LATENCIES);
      try {
        const { awsUrl, providerUrl } = await messageOf<Endpoints>(endpoints);
        const request: WorkRequest = { way, providerUrl, seconds: SECONDS, due: DUE, hasSlowProvider };
        const work = child('work.ts', request, environmentOf(awsUrl));
        const done = await messageOf<WorkFigures>(work);
        work.kill();
        figures.push({ way, hasSlowProvider, ...done });
      } finally {
        endpoints.kill();
      }
    }
  }
  return figures;
}

function child(file: string, argument: object, env: NodeJS.ProcessEnv = {}): ChildProcess {
  const module = fileURLToPath(new URL(file, import.meta.url));
  const process_ = fork(module, [JSON.stringify(argument)], { env: { PATH: process.env.PATH, ...env } });
  killedWithUs(process_);
  return process_;
}

/** The first message of a child. Rejects when it ends without one. */
async function messageOf<Message>(from: ChildProcess): Promise<Message> {
  const ended = once(from, 'exit').then(([code]) => {
    throw new Error(`A process of the benchmark ended (exit code ${code}).`);
  });
  const [message] = await Promise.race([once(from, 'message'), ended]);
  ended.catch(() => undefined);
  return message as Message;
}

/** Of a refresh function, and of the SDK's clients; nothing is taken from the machine's own AWS configuration. */
function environmentOf(awsUrl: string): NodeJS.ProcessEnv {
  return {
    AWS_ENDPOINT_URL: awsUrl,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'fake-access-key-id',
    AWS_SECRET_ACCESS_KEY: 'fake-secret-access-key',
    RENOVA_ENV: 'prd',
    RENOVA_CREDENTIALS_TABLE: 'credentials',
    RENOVA_QUOTA_TABLE: 'quota',
    RENOVA_SECRET_PREFIX: 'renova/prd',
    RENOVA_PROVIDERS: 'loopback',
  };
}
