import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { secretNames } from '../../shared/config/names.ts';
import { laneAt } from '../../shared/vault/lanes.ts';
import type { Operator } from '../integration/operator.ts';
import type { SandboxClient } from '../integration/sandbox-client.ts';
import { type Durations, durations } from './figures.ts';

export interface RotationFigures {
  /** From when the provider took the old token no more to when a reader of each door first had the new one. */
  readonly readFunction: Durations;
  readonly publishedSecret: Durations;
}

const ROTATIONS = 30;
const CREDENTIAL = 'demo';

/** Refreshes by force, and asks the provider, the read API and the secret all the time meanwhile. */
export async function rotationFigures(
  operator: Operator,
  sandbox: SandboxClient,
  secretsManager: SecretsManagerClient,
  apiUrl: string,
  dayMs: number,
): Promise<RotationFigures> {
  const { lanes } = await operator.status(CREDENTIAL);
  const readFunction: number[] = [];
  const publishedSecret: number[] = [];
  for (let at = 0; at < ROTATIONS; at += 1) {
    const { access_token, generation } = await operator.read(CREDENTIAL);
    const isDead = async () => (await sandbox.openResource(access_token)) === 401;
    const isRead = async () =>
      ((await (await fetch(`${apiUrl}/tokens/${CREDENTIAL}`)).json()) as Generation).generation > generation;
    const isPublished = async () => {
      const SecretId = secretNames('renova/prd').lane(CREDENTIAL, laneAt(Date.now(), lanes, dayMs));
      const { SecretString = '' } = await secretsManager.send(new GetSecretValueCommand({ SecretId }));
      return (JSON.parse(SecretString) as Generation).generation > generation;
    };
    const moments = Promise.all([momentOf(isDead), momentOf(isRead), momentOf(isPublished)]);
    await operator.refresh(CREDENTIAL);
    const [dead, read, published] = await moments;
    readFunction.push(Math.max(0, read - dead));
    publishedSecret.push(Math.max(0, published - dead));
  }
  return { readFunction: durations(readFunction), publishedSecret: durations(publishedSecret) };
}

interface Generation {
  readonly generation: number;
}

/** When the first question was answered with yes: half-way between asking it and its answer. */
async function momentOf(question: () => Promise<boolean>): Promise<number> {
  while (true) {
    const askedAtMs = performance.now();
    if (await question()) return (askedAtMs + performance.now()) / 2;
  }
}
