import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { type EnvironmentName, names } from '../shared/config/names.ts';
import { CREDENTIALS_TABLE, QUOTA_TABLE, type TableDefinition } from '../shared/config/tables.ts';
import { createDataKey } from './data-key.ts';
import type { RenovaSettings } from './settings.ts';

export interface TablesProps {
  readonly env: EnvironmentName;
  readonly settings: RenovaSettings;
}

/** The ledger and the quota, as shared/config/tables.ts defines them. Both outlive their stack. */
export class Tables extends Construct {
  readonly credentials: Table;
  readonly quota: Table;
  /** Encrypts both. */
  readonly key: Key;

  constructor(scope: Construct, id: string, { env, settings }: TablesProps) {
    super(scope, id);
    const { credentialsTable, quotaTable } = names(env);
    const { isProtected } = settings;
    this.key = createDataKey(this, 'Key', env);
    this.credentials = createTable(this, 'Credentials', {
      name: credentialsTable,
      definition: CREDENTIALS_TABLE,
      key: this.key,
      isProtected,
    });
    this.quota = createTable(this, 'Quota', {
      name: quotaTable,
      definition: QUOTA_TABLE,
      key: this.key,
      isProtected,
    });
  }
}

interface TableProps {
  readonly name: string;
  readonly definition: TableDefinition;
  readonly key: Key;
  readonly isProtected: boolean;
}

function createTable(
  scope: Construct,
  id: string,
  { name, definition, key, isProtected }: TableProps,
): Table {
  const table = new Table(scope, id, {
    tableName: name,
    partitionKey: attribute(definition.partitionKey),
    timeToLiveAttribute: definition.ttlAttribute,
    billingMode: BillingMode.PAY_PER_REQUEST,
    encryption: TableEncryption.CUSTOMER_MANAGED,
    encryptionKey: key,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: isProtected,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  for (const index of definition.indexes) {
    table.addGlobalSecondaryIndex({
      indexName: index.name,
      partitionKey: attribute(index.partitionKey),
      ...(index.sortKey && { sortKey: attribute(index.sortKey) }),
      projectionType: ProjectionType.INCLUDE,
      nonKeyAttributes: [...index.include],
    });
  }
  return table;
}

function attribute({ name, type }: { readonly name: string; readonly type: 'S' | 'N' }) {
  return { name, type: type === 'S' ? AttributeType.STRING : AttributeType.NUMBER };
}
