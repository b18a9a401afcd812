/** Key schema of a table, in the words that both CreateTable and the CDK can be built from. */
export interface TableDefinition {
  readonly partitionKey: { readonly name: string; readonly type: 'S' };
  readonly indexes: readonly IndexDefinition[];
  readonly ttlAttribute?: string;
}

export interface IndexDefinition {
  readonly name: string;
  readonly partitionKey: { readonly name: string; readonly type: 'S' };
  readonly sortKey?: { readonly name: string; readonly type: 'N' };
  /** Attributes copied into the index beside the keys. */
  readonly include: readonly string[];
}

/**
 * One item a credential: the ledger. The index `due` holds what is due, by time; what is never due is not in it. The
 * index `quota` holds who shares a quota, with what its arithmetic needs: these attributes change when somebody changes
 * a setting, so a refresh writes nothing there. The index `attention` holds what is not active and well, so that counts
 * and alerts cost what is wrong and not what is registered.
 */
export const CREDENTIALS_TABLE = {
  partitionKey: { name: 'credential', type: 'S' },
  indexes: [
    {
      name: 'due',
      partitionKey: { name: 'dueShard', type: 'S' },
      sortKey: { name: 'dueAtMs', type: 'N' },
      include: [
        'refreshAtMs',
        'deadlineMs',
        'lapsingFromMs',
        'bulkhead',
        'failures',
        'isolated',
        'quotaKey',
        'quotaPaceMs',
        'mode',
      ],
    },
    {
      name: 'quota',
      partitionKey: { name: 'quotaKey', type: 'S' },
      include: [
        'state',
        'mode',
        'grant',
        'quota',
        'defaultAccessTokenMs',
        'accessLifeMs',
        'refreshLifeMs',
        'refreshBeforeMs',
        'refreshTokenMs',
        'refreshTokenLifetime',
      ],
    },
    {
      name: 'attention',
      partitionKey: { name: 'attention', type: 'S' },
      include: ['watched'],
    },
  ],
} as const satisfies TableDefinition;

/** One item a quota key: the permits that occupy the sliding window now. */
export const QUOTA_TABLE = {
  partitionKey: { name: 'quotaKey', type: 'S' },
  indexes: [],
  ttlAttribute: 'ttl',
} as const satisfies TableDefinition;
