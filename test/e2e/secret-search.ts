import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  GetSecretValueCommand,
  ListSecretsCommand,
  ListSecretVersionIdsCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { names } from '../../shared/config/names.ts';
import { patientClientOptions, testClientOptions } from '../support/aws-clients.ts';

/** Where a secret must not be, by a name that tells where it was found. */
export type Places = Readonly<Record<string, string>>;

/** Every value of every version of every secret of the stack: the one place that may hold them. */
export async function vaultValues(awsUrl: string): Promise<readonly string[]> {
  const client = new SecretsManagerClient(patientClientOptions(awsUrl));
  const values: string[] = [];
  try {
    for await (const name of secretNamesIn(client)) {
      const { Versions = [] } = await client.send(
        new ListSecretVersionIdsCommand({ SecretId: name, IncludeDeprecated: true }),
      );
      for (const { VersionId } of Versions) {
        const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name, VersionId }));
        values.push(SecretString ?? '');
      }
    }
  } finally {
    client.destroy();
  }
  return values;
}

/** Names of the secrets that are there. */
export async function secretNames(awsUrl: string): Promise<readonly string[]> {
  const client = new SecretsManagerClient(patientClientOptions(awsUrl));
  try {
    const found: string[] = [];
    for await (const name of secretNamesIn(client)) found.push(name);
    return found;
  } finally {
    client.destroy();
  }
}

/** Both tables as they are stored, by name. */
export async function tableDumps(awsUrl: string, env: 'hml' | 'prd'): Promise<Places> {
  const client = new DynamoDBClient(testClientOptions(awsUrl));
  const { credentialsTable, quotaTable } = names(env);
  const dumps: Record<string, string> = {};
  try {
    for (const TableName of [credentialsTable, quotaTable]) {
      const { Items = [] } = await client.send(new ScanCommand({ TableName }));
      assert.ok(Items.length > 0, `${TableName} holds nothing to look at`);
      dumps[TableName] = JSON.stringify(Items);
    }
  } finally {
    client.destroy();
  }
  return dumps;
}

/** Fails if a place holds one of the secrets, as it is or in another form of the same bytes. */
export function assertNowhere(secrets: Iterable<string>, places: Places): void {
  for (const secret of new Set(secrets)) {
    const forms = formsOf(secret);
    for (const [place, content] of Object.entries(places)) {
      // The message must not hold what was found.
      assert.ok(!forms.some((form) => content.includes(form)), `a secret is in ${place}`);
    }
  }
}

/** The SHA-256 of everything in the text that looks like a token of the sandbox. */
export function tokenFingerprints(text: string): readonly string[] {
  const guids = text.match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [];
  return guids.map((guid) => createHash('sha256').update(guid).digest('base64url'));
}

async function* secretNamesIn(client: SecretsManagerClient): AsyncGenerator<string> {
  let NextToken: string | undefined;
  do {
    const page = await client.send(new ListSecretsCommand({ NextToken }));
    for (const { Name = '' } of page.SecretList ?? []) yield Name;
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
}

/** As it is, percent-encoded, hexadecimal, and in Base64 at each of the three offsets. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const encoded = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replaceAll('=', '');
    // The first and last characters depend on what stands beside it.
    return text.slice(offset === 0 ? 0 : 4, -4);
  });
  return [secret, encodeURIComponent(secret), bytes.toString('hex'), ...encoded];
}
