import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import middy from '@middy/core';
import secretsManager from '@middy/secrets-manager';
import { createTokenSource, type TokenSource, type TokenSourceOptions } from '../../client/index.ts';
import { testClientOptions } from '../support/aws-clients.ts';
import { type Durations, timed } from './figures.ts';

export interface ReadFigures {
  readonly what: string;
  /** The bare call of the SDK that it stands for. */
  readonly standsFor: 'GetItem' | 'GetSecretValue';
  readonly memory: Durations;
  readonly asking: Durations;
}

const WARM_READS = 20_000;
const ASKING_READS = 300;
/** A secret that nobody changes. */
export const PLAIN = 'plain/secret';
const CREDENTIAL = 'demo';

/**
 * Reads from memory, and reads that must ask: the client by both doors, beside two libraries that read one plain
 * secret, which does not change under them.
 */
export async function readFigures(awsUrl: string, apiUrl: string, dayMs: number): Promise<ReadFigures[]> {
  const sdk = testClientOptions(awsUrl);
  const client = new SecretsManagerClient(sdk);
  await client.send(new CreateSecretCommand({ Name: PLAIN, SecretString: 'fake-secret' }));
  const sources: readonly [string, TokenSourceOptions][] = [
    ['client, read API', { via: 'read-api', credential: CREDENTIAL, url: apiUrl }],
    [
      'client, published secrets (two at a time)',
      { via: 'secrets-manager', credential: CREDENTIAL, env: 'prd', client, dayMs },
    ],
  ];
  const figures: ReadFigures[] = [];
  const add = async (what: string, memory: () => unknown, asking: () => unknown) => {
    figures.push({
      what,
      standsFor: what.includes('read API') ? 'GetItem' : 'GetSecretValue',
      memory: await timed(WARM_READS, memory),
      asking: await timed(ASKING_READS, asking),
    });
  };
  for (const [what, options] of sources) {
    const source = createTokenSource(options);
    await add(
      what,
      () => source.getToken(),
      () => askAgain(source),
    );
  }
  const provider = new SecretsProvider({ awsSdkV3Client: client });
  await add(
    'Powertools parameters, one plain secret',
    () => provider.get(PLAIN, { maxAge: 3600 }),
    () => provider.get(PLAIN, { forceFetch: true }),
  );
  const [cached, uncached] = [middyReader(sdk, 'cached', -1), middyReader(sdk, 'uncached', 0)];
  await add(
    'middy secrets-manager, one plain secret',
    () => cached({}, CONTEXT),
    () => uncached({}, CONTEXT),
  );
  client.destroy();
  return figures;
}

/** As after an event that a later token is there. */
function askAgain(source: TokenSource) {
  source.refreshed({ credential: CREDENTIAL, generation: Number.MAX_SAFE_INTEGER });
  return source.getToken();
}

const CONTEXT = {} as Parameters<ReturnType<typeof middyReader>>[1];

function middyReader(
  awsClientOptions: ReturnType<typeof testClientOptions>,
  cacheKey: string,
  cacheExpiry: number,
) {
  const fetchData = { secret: PLAIN };
  const options = { awsClientOptions, fetchData, cacheKey, cacheExpiry, setToContext: true };
  return middy(async (_event: object) => undefined).use(secretsManager(options));
}
