import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import type { SecretNames } from '../../shared/config/names.ts';
import type { InvocationResult } from '../lambda/function-container.ts';

const Count = v.pipe(v.number(), v.integer());
const OptionalTime = v.optional(v.pipe(v.string(), v.isoTimestamp(), v.transform(Date.parse)));

/** The part of the admin function's `status` that is shown. */
const Status = v.object({
  credentials: v.array(
    v.object({
      credential: v.string(),
      state: v.string(),
      generation: Count,
      lanes: Count,
      expires_at: OptionalTime,
      failing_since: OptionalTime,
      reason: v.optional(v.string()),
      quota: v.optional(v.object({ key: v.string(), limit: Count })),
    }),
  ),
});
const QuotaItem = v.object({ quotaKey: v.string(), permits: v.record(v.string(), v.number()) });

/** One credential at a glance. */
export interface CredentialOverview {
  readonly credential: string;
  readonly state: string;
  readonly generation: number;
  readonly lanes: number;
  /** Absent before the first token. */
  readonly expiresAtMs?: number;
  readonly failingSinceMs?: number;
  readonly reason?: string;
  /** Versions of its lane with the most. */
  readonly fullestLaneVersions: number;
}

/** Permits that count now, of one quota. */
export interface QuotaOverview {
  readonly key: string;
  readonly limit: number;
  readonly used: number;
}

/** Everything at a glance, as the admin function and the quota table tell it. */
export interface Overview {
  readonly credentials: readonly CredentialOverview[];
  readonly quotas: readonly QuotaOverview[];
}

export interface OverviewParts {
  readonly quotaTable: string;
  readonly secretNames: SecretNames;
  readonly dynamoDb: DynamoDBClient;
  /** Invokes the admin function. */
  invokeAdmin(event: string): Promise<InvocationResult>;
  versionsPerName(): Readonly<Record<string, number>>;
  nowMs(): number;
}

/** Looks at everything once. Rejects if the admin function or the table does not answer as expected. */
export async function takeOverview(parts: OverviewParts): Promise<Overview> {
  const { payload } = await parts.invokeAdmin(JSON.stringify({ action: 'status' }));
  const { credentials } = v.parse(Status, JSON.parse(payload));
  const versions = parts.versionsPerName();
  const limits = new Map(credentials.flatMap(({ quota }) => (quota ? [[quota.key, quota.limit]] : [])));
  return {
    credentials: credentials.map((one) => ({
      credential: one.credential,
      state: one.state,
      generation: one.generation,
      lanes: one.lanes,
      expiresAtMs: one.expires_at,
      failingSinceMs: one.failing_since,
      reason: one.reason,
      fullestLaneVersions: fullestLane(one.credential, one.lanes, parts.secretNames, versions),
    })),
    quotas: await quotasInUse(parts, limits),
  };
}

async function quotasInUse(
  { dynamoDb, quotaTable, nowMs }: OverviewParts,
  limits: ReadonlyMap<string, number>,
): Promise<QuotaOverview[]> {
  const { Items = [] } = await dynamoDb.send(new ScanCommand({ TableName: quotaTable }));
  const items = Items.map((item) => v.parse(QuotaItem, unmarshall(item)));
  return [...limits].map(([key, limit]) => {
    const permits = items.find(({ quotaKey }) => quotaKey === key)?.permits ?? {};
    const used = Object.values(permits).filter((untilMs) => untilMs > nowMs()).length;
    return { key, limit, used };
  });
}

function fullestLane(
  credential: string,
  lanes: number,
  secretNames: SecretNames,
  versions: Readonly<Record<string, number>>,
): number {
  const counts = Array.from(
    { length: lanes },
    (_, lane) => versions[secretNames.lane(credential, lane)] ?? 0,
  );
  return Math.max(0, ...counts);
}
