import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import middy from '@middy/core';
import secretsManager from '@middy/secrets-manager';
import { createTokenSource, type TokenSource } from '../../client/index.ts';
import { names } from '../../shared/config/names.ts';
import { testClientOptions } from '../support/aws-clients.ts';
import { type Durations, durations, medianRatio, timed, timedInTurns } from './figures.ts';
import type { RunningStack } from './stack.ts';

export interface ReadFigures {
  readonly what: string;
  /** Absent for a bare call, which remembers nothing. */
  readonly memory?: Durations;
  readonly asking: Durations;
  /** How many times as long as the bare call of its round it took to ask: the median. */
  readonly ofBare: number;
}

interface Reader {
  readonly what: string;
  readonly memory?: () => unknown;
  readonly asking: () => unknown;
}

const WARM_READS = 20_000;
const ROUNDS = 1500;
/** A secret that nobody changes. */
const PLAIN = 'plain/secret';
const CREDENTIAL = 'demo';

/**
 * Reads from memory, and reads that must ask: the client by both doors, and two libraries that read one plain secret,
 * which does not change under them. Each asks in turns with the bare call of the SDK that it stands for.
 */
export async function readFigures(stack: RunningStack): Promise<ReadFigures[]> {
  const sdk = testClientOptions(stack.awsUrl);
  const secrets = new SecretsManagerClient(sdk);
  const dynamoDb = new DynamoDBClient(sdk);
  await secrets.send(new CreateSecretCommand({ Name: PLAIN, SecretString: 'fake-secret' }));
  try {
    return [
      ...(await besideBare(bareGetItem(dynamoDb), [readApiReader(stack)])),
      ...(await besideBare(bareGetSecretValue(secrets), [
        publishedReader(stack, secrets),
        powertoolsReader(secrets),
        middyReader(sdk),
      ])),
    ];
  } finally {
    secrets.destroy();
    dynamoDb.destroy();
  }
}

/** The first of the results is the bare call's own. */
async function besideBare(bare: Reader, readers: readonly Reader[]): Promise<ReadFigures[]> {
  const all = [bare, ...readers];
  const asking = await timedInTurns(
    ROUNDS,
    all.map((each) => each.asking),
  );
  const [base = []] = asking;
  const figures: ReadFigures[] = [];
  for (const [at, { what, memory }] of all.entries()) {
    const own = asking[at] ?? [];
    figures.push({
      what,
      ...(memory && { memory: await timed(WARM_READS, memory) }),
      asking: durations(own),
      ofBare: medianRatio(own, base),
    });
  }
  return figures;
}

function bareGetItem(dynamoDb: DynamoDBClient): Reader {
  const item = {
    TableName: names('prd').credentialsTable,
    Key: { credential: { S: CREDENTIAL } },
    ConsistentRead: true,
  };
  return { what: 'bare GetItem', asking: () => dynamoDb.send(new GetItemCommand(item)) };
}

function bareGetSecretValue(secrets: SecretsManagerClient): Reader {
  const asking = () => secrets.send(new GetSecretValueCommand({ SecretId: PLAIN }));
  return { what: 'bare GetSecretValue', asking };
}

function readApiReader({ apiUrl }: RunningStack): Reader {
  const source = createTokenSource({ via: 'read-api', credential: CREDENTIAL, url: apiUrl });
  return clientReader('client, read API', source);
}

function publishedReader({ dayMs }: RunningStack, client: SecretsManagerClient): Reader {
  const options = { credential: CREDENTIAL, env: 'prd', client, dayMs } as const;
  const source = createTokenSource({ via: 'secrets-manager', ...options });
  return clientReader('client, published secrets (two at a time)', source);
}

function clientReader(what: string, source: TokenSource): Reader {
  const asking = () => {
    // As after an event that a later token is there.
    source.refreshed({ credential: CREDENTIAL, generation: Number.MAX_SAFE_INTEGER });
    return source.getToken();
  };
  return { what, memory: () => source.getToken(), asking };
}

function powertoolsReader(awsSdkV3Client: SecretsManagerClient): Reader {
  const provider = new SecretsProvider({ awsSdkV3Client });
  return {
    what: 'Powertools parameters, one plain secret',
    memory: () => provider.get(PLAIN, { maxAge: 3600 }),
    asking: () => provider.get(PLAIN, { forceFetch: true }),
  };
}

function middyReader(awsClientOptions: ReturnType<typeof testClientOptions>): Reader {
  const reading = (cacheKey: string, cacheExpiry: number) => {
    const options = { awsClientOptions, fetchData: { secret: PLAIN }, setToContext: true };
    const handler = middy(async (_event: object) => undefined).use(
      secretsManager({ ...options, cacheKey, cacheExpiry }),
    );
    return () => handler({}, {} as Parameters<typeof handler>[1]);
  };
  return {
    what: 'middy secrets-manager, one plain secret',
    memory: reading('cached', -1),
    asking: reading('uncached', 0),
  };
}
