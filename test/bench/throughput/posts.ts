import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { systemClock } from '../../../shared/clock/system-clock.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { HttpsTokenEndpoint } from '../../../shared/token-endpoint/https-token-endpoint.ts';
import { median, medianRatio } from '../figures.ts';

/** What a process of posts.ts is asked for. */
export interface PostsRequest {
  /** The same provider over plain HTTP and over TLS. */
  readonly plainUrl: string;
  readonly tlsUrl: string;
  /** An authority to trust beside the machine's (PEM). */
  readonly ca?: string;
}

/** CPU time of one post by Renova: medians of rounds in which the two take turns. */
export interface PostFigures {
  readonly plainMs: number;
  readonly tlsMs: number;
  readonly tlsOfPlain: number;
}

const ROUNDS = 30;
/** Rounds before, which do not count. */
const WARM_UP = 6;
const AT_ONCE = 64;
const LIMIT_MS = 10_000;

const endpoint = new HttpsTokenEndpoint({ clock: systemClock });
let posts = 0;

async function measured({ plainUrl, tlsUrl, ca }: PostsRequest): Promise<PostFigures> {
  if (ca) setDefaultCACertificates([...getCACertificates(), ca]);
  const [plain, overTls]: [number[], number[]] = [[], []];
  for (let round = -WARM_UP; round < ROUNDS; round += 1) {
    const [plainMs, tlsMs] = [await cpuOfPost(plainUrl), await cpuOfPost(tlsUrl)];
    if (round < 0) continue;
    plain.push(plainMs);
    overTls.push(tlsMs);
  }
  return { plainMs: median(plain), tlsMs: median(overTls), tlsOfPlain: medianRatio(overTls, plain) };
}

async function cpuOfPost(tokenUrl: string): Promise<number> {
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: AT_ONCE }, () => post(tokenUrl)));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / AT_ONCE;
}

async function post(tokenUrl: string): Promise<void> {
  posts += 1;
  const byMs = systemClock.monotonicMs() + LIMIT_MS;
  const outcome = await endpoint.post(
    {
      tokenUrl,
      clientAuth: 'post',
      client: { clientId: 'fake-id', clientSecret: new Secret('fake-secret') },
      grant: 'refresh_token',
      refreshToken: new Secret(`fake-refresh-token-${posts}`),
      extra: {},
    },
    { sendByMs: byMs, answerByMs: byMs },
  );
  if (outcome.kind !== 'success') throw new Error(`A post came to ${outcome.kind}`);
}

/** A process that does nothing but post, over plain HTTP and over TLS in turns, and tells its parent what that costs. */
if (process.send) {
  const request = JSON.parse(process.argv[2] ?? '') as PostsRequest;
  process.send(await measured(request));
  process.disconnect();
}
