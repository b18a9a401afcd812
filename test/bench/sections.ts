import { FUNCTIONS } from '../../shared/config/functions.ts';
import { quantiles, ratio, type Section } from './section.ts';
import { ATTEMPTS, LATENCIES } from './throughput/latencies.ts';
import type { PostFigures } from './throughput/posts.ts';
import type { ThroughputFigures } from './throughput/throughput.ts';

/** What `npm run bench` measures, in this order. What measures it is loaded when it is measured. */
export const SECTIONS: readonly Section[] = [
  {
    name: 'imports',
    title: 'Importing the functions',
    text: 'CPU time of a fresh process, and size. Modules of Node itself are loaded before, because Lambda has them. The base is a bundle of two bare clients of the SDK: the least that reads an item and a secret.',
    measure: async () => {
      const { importFigures } = await import('./import-time.ts');
      const figures = await importFigures();
      const base = figures[0]?.cpuMs;
      return {
        columns: ['bundle', 'CPU', 'of the bare clients', 'size'],
        rows: figures.map(({ what, bytes, cpuMs }) => [
          what,
          `${cpuMs.toFixed(1)} ms`,
          ratio(cpuMs, base),
          `${(bytes / 1024).toFixed(0)} KiB`,
        ]),
      };
    },
  },
  {
    name: 'reads',
    title: 'Reading a token',
    text: 'By the doors of the local stack, from memory and when the reader must ask, beside two libraries that read one plain secret. The base is the bare call of the SDK that a read stands for: a consistent GetItem at the read API, a GetSecretValue at the secrets, of which the client asks two at a time. Each reader takes turns with its base, after 500 rounds that do not count, and its ratio is the median over 1,500 rounds.',
    measure: async (stack) => {
      const { readFigures } = await import('./reads.ts');
      const { routeFigures } = await import('./http-route.ts');
      const running = await stack.running();
      const reads = await readFigures(running);
      const { requestsASecond, latency } = await routeFigures(running.apiUrl);
      return {
        columns: ['who', 'memory p50', 'memory p99', 'asking p50', 'asking p99', 'of the bare call'],
        rows: [
          ...reads.map(({ what, memory, asking, ofBare }) => [
            what,
            ...(memory ? quantiles(memory, 'µs') : ['', '']),
            ...quantiles(asking, 'ms'),
            ofBare.toFixed(2),
          ]),
          ['HTTP route, 20 callers at a time', '', '', ...quantiles(latency, 'ms'), ''],
        ],
        remarks: [`The HTTP route answered ${requestsASecond.toFixed(0)} requests a second.`],
      };
    },
  },
  {
    name: 'rotation',
    title: 'From the death of a token to the first reader of the next',
    text: 'The provider takes the old token no more; a reader at each door of the local stack asks again a millisecond after each answer. The base is one bare PutItem and one GetItem, which is the least that lies between.',
    measure: async (stack) => {
      const { rotationFigures } = await import('./rotation.ts');
      const { bare, readFunction, publishedSecret } = await rotationFigures(await stack.running());
      return {
        columns: ['door', 'p50', 'p99', 'of the bare calls'],
        rows: [
          ['bare PutItem and GetItem', ...quantiles(bare, 'ms'), ratio(bare.p50, bare.p50)],
          ['read function', ...quantiles(readFunction, 'ms'), ratio(readFunction.p50, bare.p50)],
          ['published secret', ...quantiles(publishedSecret, 'ms'), ratio(publishedSecret.p50, bare.p50)],
        ],
      };
    },
  },
  {
    name: 'ticks',
    title: 'What a tick costs',
    text: '100 credentials due, an inventory in the same tick, nothing published; records and entries of indexes that were read. With dynalite, which is in the same process, its own CPU time is counted too. The base is the tick over 1,000.',
    measure: async () => {
      const { tickFigures } = await import('./ticks.ts');
      const figures = await tickFigures();
      const baseOf = (on: string) => figures.find((each) => each.on === on)?.reads;
      return {
        columns: ['stores', 'registered', 'reads', 'of those at 1,000', 'time', 'CPU'],
        rows: figures.map(({ on, registered, reads, ms, cpuMs }) => [
          on,
          registered.toLocaleString('en'),
          reads.toLocaleString('en'),
          ratio(reads, baseOf(on)),
          `${(ms / 1000).toFixed(2)} s`,
          `${(cpuMs / 1000).toFixed(2)} s`,
        ]),
      };
    },
  },
  {
    name: 'throughput',
    title: 'Refreshes a second of one function',
    text: `One process against stores and providers that take their time: DynamoDB ${LATENCIES.dynamoDb} ms, the other services of AWS ${LATENCIES.others} ms, a provider ${LATENCIES.provider} ms; the same with ${LATENCIES.slowProvider / 1000} s at one provider of three, and over TLS. Renewals without a quota, every token published. Each post has a connection of its own, and over TLS a whole handshake; the requests of AWS share kept connections. CPU time is that of the process, not of what answers it. The bare calls are those of a refresh and nothing else, by the same clients and as many at a time; the cron reads a secret, posts, and writes it. It loses a chain at each crash, and after 100 versions a day.`,
    measure: async () => {
      const { postFigures, throughputFigures } = await import('./throughput/throughput.ts');
      const figures = await throughputFigures();
      const ofPost = await postFigures();
      const bareOf = ({ hasSlowProvider, isOverTls }: ThroughputFigures) =>
        figures.find(
          (each) =>
            each.way === 'bare' && each.hasSlowProvider === hasSlowProvider && each.isOverTls === isOverTls,
        );
      const perSecond = (each: ThroughputFigures) => each.refreshes / each.seconds;
      return {
        columns: [
          'who',
          'slow provider',
          'over',
          'a second',
          'of the bare calls',
          'CPU of each',
          'of the bare calls',
          'of a core',
          'memory',
        ],
        rows: figures.map((each) => {
          const bare = bareOf(each) ?? each;
          return [
            WAYS[each.way],
            each.hasSlowProvider ? 'one of three' : 'none',
            each.isOverTls ? 'TLS' : 'plain HTTP',
            perSecond(each).toFixed(0),
            ratio(perSecond(each), perSecond(bare)),
            `${cpuMs(each).toFixed(1)} ms`,
            ratio(cpuMs(each), cpuMs(bare)),
            `${((each.cpuSeconds / each.seconds) * 100).toFixed(0)} %`,
            `${(each.peakBytes / 1024 ** 2).toFixed(0)} MiB`,
          ];
        }),
        remarks: [...figures.filter(({ way }) => way === 'renova').map(limitOf), costOfPost(ofPost)],
      };
    },
  },
  {
    name: 'kept',
    title: 'What one quota keeps',
    text: 'Simulated: tokens of 300 s on 10 requests a minute, answers within a second, no faults, two and a half hours. The part of the time in which each has a living token, and chains that were lost, beside a cron that refreshes what is due and tries again what failed.',
    measure: async () => (await import('./kept.ts')).keptFigures(),
  },
  {
    name: 'on-demand',
    title: 'Chains on demand',
    text: 'Simulated: a day of chains of BS2 on one quota of 10 a minute, each read every four hours, when its token has expired. With room, the provider would have taken three more requests when the reader asked.',
    measure: async () => (await import('./on-demand.ts')).onDemandFigures(),
  },
  {
    name: 'cost',
    title: 'What a credential costs',
    text: 'Requests of one refresh, counted, and dollars a month at list prices ([scale.md](scale.md#what-a-credential-costs) says which). The base is the cron: one read and one write of one secret for each refresh.',
    measure: async () => (await import('./cost-figures.ts')).costFigures(),
  },
];

const WAYS = { renova: 'Renova', bare: 'bare calls', naive: 'cron' } as const;
/** The memory with which a function of Lambda has one core (developer guide, "Configure memory"). */
const CORE_MB = 1769;
/** Places that a slow provider has at most, and that are left to the others then. */
const HALF = ATTEMPTS / 2;

function cpuMs({ cpuSeconds, refreshes }: ThroughputFigures): number {
  return (cpuSeconds * 1000) / refreshes;
}

/** What a post costs without the rest of its refresh, and how much of that is the handshake. */
function costOfPost({ plainMs, tlsMs, tlsOfPlain }: PostFigures): string {
  return `A post by Renova, alone and in turns, takes ${plainMs.toFixed(2)} ms of CPU time over plain HTTP and ${tlsMs.toFixed(2)} ms over TLS, ${tlsOfPlain.toFixed(2)} times as much: a handshake is ${(tlsMs - plainMs).toFixed(2)} ms.`;
}

/** What the places of a tick allow at these latencies, what one core allows, and which of them is less. */
function limitOf({ hasSlowProvider, isOverTls, cpuSeconds, refreshes }: ThroughputFigures): string {
  const { dynamoDb, others, provider, slowProvider } = LATENCIES;
  // Four requests of the ledger, a published value, an event, and the post.
  const waitMs = 4 * dynamoDb + 2 * others + provider;
  const byPlaces = hasSlowProvider
    ? HALF / (waitMs / 1000) + HALF / ((waitMs - provider + slowProvider) / 1000)
    : ATTEMPTS / (waitMs / 1000);
  const byCore = refreshes / cpuSeconds;
  const which = byCore < byPlaces ? 'CPU time limits it' : 'the attempts at a time limit it';
  const { memoryMb } = FUNCTIONS.refresh;
  const asDeployed = (byCore * memoryMb) / CORE_MB;
  const providers = hasSlowProvider ? 'With a slow provider' : 'With equal providers';
  return `${providers}${isOverTls ? ' over TLS' : ''}, ${ATTEMPTS} attempts at a time allow ${byPlaces.toFixed(0)} refreshes a second, and a whole core ${byCore.toFixed(0)}: ${which}. Of ${memoryMb} MB, which have ${(memoryMb / CORE_MB).toFixed(2)} of a core on Lambda, that is ${Math.min(byPlaces, asDeployed).toFixed(0)} a second.`;
}
