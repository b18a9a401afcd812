import { firstMessage, startChild } from './child-process.ts';
import type { Endpoints, EndpointsRequest } from './endpoints.ts';
import { LATENCIES } from './latencies.ts';
import type { PostFigures, PostsRequest } from './posts.ts';

/** What a process of work.ts is asked for. */
export interface WorkRequest {
  readonly way: 'renova' | 'bare' | 'naive';
  readonly providerUrl: string;
  /** An authority to trust beside the machine's (PEM). */
  readonly ca?: string;
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

export interface ThroughputFigures extends WorkFigures, Pick<WorkRequest, 'way' | 'hasSlowProvider'> {
  readonly isOverTls: boolean;
}

const SECONDS = 10;
const DUE = 3000;

type Case = Pick<ThroughputFigures, 'way' | 'hasSlowProvider' | 'isOverTls'>;

/** What is compared is measured one after the other: a machine that does other things too is not always as fast. */
const CASES: readonly Case[] = [
  { way: 'renova', hasSlowProvider: false, isOverTls: false },
  { way: 'renova', hasSlowProvider: false, isOverTls: true },
  { way: 'bare', hasSlowProvider: false, isOverTls: false },
  { way: 'bare', hasSlowProvider: false, isOverTls: true },
  { way: 'naive', hasSlowProvider: false, isOverTls: false },
  { way: 'renova', hasSlowProvider: true, isOverTls: false },
  { way: 'bare', hasSlowProvider: true, isOverTls: false },
  { way: 'naive', hasSlowProvider: true, isOverTls: false },
];

/** Refreshes a second of one process against stores and providers that take their time, beside the bare calls and a cron. */
export async function throughputFigures(): Promise<ThroughputFigures[]> {
  const figures: ThroughputFigures[] = [];
  for (const { way, hasSlowProvider, isOverTls } of CASES) {
    const toAnswer: EndpointsRequest = { latencies: LATENCIES, isOverTls };
    const endpoints = startChild('endpoints.ts', toAnswer);
    try {
      const { awsUrl, providerUrl, ca } = await firstMessage<Endpoints>(endpoints);
      const request: WorkRequest = { way, providerUrl, ca, seconds: SECONDS, due: DUE, hasSlowProvider };
      const work = startChild('work.ts', request, environmentOf(awsUrl));
      const done = await firstMessage<WorkFigures>(work);
      work.kill();
      figures.push({ way, hasSlowProvider, isOverTls, ...done });
    } finally {
      endpoints.kill();
    }
  }
  return figures;
}

/** CPU time of one post by Renova, over plain HTTP and over TLS in turns. */
export async function postFigures(): Promise<PostFigures> {
  const latencies = { ...LATENCIES, provider: 0 };
  const plain = startChild('endpoints.ts', { latencies, isOverTls: false } satisfies EndpointsRequest);
  const overTls = startChild('endpoints.ts', { latencies, isOverTls: true } satisfies EndpointsRequest);
  try {
    const [{ providerUrl: plainUrl }, { providerUrl: tlsUrl, ca }] = await Promise.all([
      firstMessage<Endpoints>(plain),
      firstMessage<Endpoints>(overTls),
    ]);
    const posts = startChild('posts.ts', { plainUrl, tlsUrl, ca } satisfies PostsRequest);
    return await firstMessage<PostFigures>(posts);
  } finally {
    plain.kill();
    overTls.kill();
  }
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
