import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { names, secretNames } from '../../shared/config/names.ts';
import { laneAt } from '../../shared/vault/lanes.ts';
import { testClientOptions } from '../support/aws-clients.ts';
import { type Durations, durations, timed } from './figures.ts';
import type { RunningStack } from './stack.ts';

export interface RotationFigures {
  /** A write of an item and a read of it, one after the other: the least that lies between. */
  readonly bare: Durations;
  /** From when the provider took the old token no more to when a reader of each door first had the new one. */
  readonly readFunction: Durations;
  readonly publishedSecret: Durations;
}

const ROTATIONS = 40;
const CALLS = 200;
const PAUSE_MS = 1;
const TableName = names('prd').quotaTable;
const CREDENTIAL = 'demo';

/** Refreshes by force, and asks the provider and one door all the time meanwhile: no other reader is in the way. */
export async function rotationFigures(stack: RunningStack): Promise<RotationFigures> {
  const { apiUrl, secretsManager, operator, dayMs } = stack;
  const { lanes } = await operator.status(CREDENTIAL);
  const atReadFunction = async () => (await fetch(`${apiUrl}/tokens/${CREDENTIAL}`)).text();
  const atSecret = async () => {
    const SecretId = secretNames('renova/prd').lane(CREDENTIAL, laneAt(Date.now(), lanes, dayMs));
    const { SecretString = '' } = await secretsManager.send(new GetSecretValueCommand({ SecretId }));
    return SecretString;
  };
  return {
    bare: await bareCalls(stack),
    readFunction: await rotationsAt(stack, atReadFunction),
    publishedSecret: await rotationsAt(stack, atSecret),
  };
}

async function rotationsAt(
  { operator, sandbox }: RunningStack,
  ask: () => Promise<string>,
): Promise<Durations> {
  const all: number[] = [];
  for (let at = 0; at < ROTATIONS; at += 1) {
    const { access_token, generation } = await operator.read(CREDENTIAL);
    const isDead = async () => (await sandbox.openResource(access_token)) === 401;
    const isThere = async () => (JSON.parse(await ask()) as Generation).generation > generation;
    const moments = Promise.all([momentOf(isDead), momentOf(isThere)]);
    await operator.refresh(CREDENTIAL);
    const [dead, there] = await moments;
    all.push(Math.max(0, there - dead));
  }
  return durations(all);
}

async function bareCalls({ awsUrl }: RunningStack): Promise<Durations> {
  const dynamoDb = new DynamoDBClient(testClientOptions(awsUrl));
  const Key = { quotaKey: { S: 'bench' } };
  const bare = await timed(CALLS, async () => {
    await dynamoDb.send(new PutItemCommand({ TableName, Item: Key }));
    await dynamoDb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
  });
  dynamoDb.destroy();
  return bare;
}

interface Generation {
  readonly generation: number;
}

/**
 * When the first question was answered with yes: half-way between asking it and its answer. The next one comes a moment
 * after an answer, or the questions alone would keep the stack busy.
 */
async function momentOf(question: () => Promise<boolean>): Promise<number> {
  while (true) {
    const askedAtMs = performance.now();
    if (await question()) return (askedAtMs + performance.now()) / 2;
    await setTimeout(PAUSE_MS);
  }
}
