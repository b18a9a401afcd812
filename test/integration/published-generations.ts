import {
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { PublishedValue } from '../../shared/vault/published-value.ts';

/** When each generation was published first (Unix ms), found in every version of the given secrets. */
export async function publishedGenerations(
  secretsManager: SecretsManagerClient,
  secretIds: readonly string[],
): Promise<ReadonlyMap<number, number>> {
  const published = new Map<number, number>();
  for (const secretId of secretIds) {
    for (const { versionId, createdAtMs } of await versionsOf(secretsManager, secretId)) {
      const command = new GetSecretValueCommand({ SecretId: secretId, VersionId: versionId });
      const { SecretString = '' } = await secretsManager.send(command);
      const { generation } = JSON.parse(SecretString) as PublishedValue;
      if (generation === 0) continue;
      published.set(generation, Math.min(createdAtMs, published.get(generation) ?? createdAtMs));
    }
  }
  return published;
}

async function versionsOf(secretsManager: SecretsManagerClient, secretId: string) {
  const versions: { readonly versionId: string; readonly createdAtMs: number }[] = [];
  let nextToken: string | undefined;
  do {
    const page = await secretsManager.send(
      new ListSecretVersionIdsCommand({ SecretId: secretId, IncludeDeprecated: true, NextToken: nextToken }),
    );
    for (const { VersionId = '', CreatedDate } of page.Versions ?? []) {
      versions.push({ versionId: VersionId, createdAtMs: CreatedDate?.getTime() ?? Number.NaN });
    }
    nextToken = page.NextToken;
  } while (nextToken !== undefined);
  return versions;
}
