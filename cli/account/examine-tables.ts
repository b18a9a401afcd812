import * as v from 'valibot';
import { names } from '../../shared/config/names.ts';
import { CREDENTIALS_TABLE, QUOTA_TABLE, type TableDefinition } from '../../shared/config/tables.ts';
import type { Finding } from '../format/findings.ts';
import { elements, jsonQuestion, queryQuestion } from './ask-aws.ts';
import { type Examined, findJson, findXml, type Look } from './look.ts';

/** In which account the person who types is. */
export async function examineCaller(look: Look): Promise<Examined> {
  const [account] = elements(
    (await findXml(look, queryQuestion('sts', '2011-06-15', 'GetCallerIdentity'))) ?? '',
    'Account',
  );
  return { findings: [], facts: { ...(account !== undefined && { account }) } };
}

const Described = v.object({
  Table: v.object({
    TableStatus: v.string(),
    GlobalSecondaryIndexes: v.optional(
      v.array(v.object({ IndexName: v.string(), IndexStatus: v.optional(v.string()) })),
      [],
    ),
  }),
});

/** Whether both tables are there and usable: their key and their index too. */
export async function examineTables(look: Look): Promise<Examined> {
  const { credentialsTable, quotaTable } = names(look.env);
  const findings = await Promise.all([
    tableFindings(look, credentialsTable, CREDENTIALS_TABLE),
    tableFindings(look, quotaTable, QUOTA_TABLE),
  ]);
  return { findings: findings.flat() };
}

async function tableFindings(look: Look, name: string, { indexes }: TableDefinition): Promise<Finding[]> {
  const question = jsonQuestion('dynamodb', 'DynamoDB_20120810.DescribeTable', { TableName: name });
  const found = await findJson(look, question, Described);
  if (!found) {
    return [
      {
        code: 'table-missing',
        explanation: `The table ${name} does not exist: nothing can be refreshed or read.`,
        remedy: { text: name === names(look.env).quotaTable ? 'Deploy the stack: docs/deploy.md.' : RESTORE },
      },
    ];
  }
  const { TableStatus: status, GlobalSecondaryIndexes: made } = found.Table;
  const unusable = USABLE.has(status) ? [] : [unusableTable(`The table ${name}`, status)];
  const without = indexes
    .map((index) => ({ index, status: made.find(({ IndexName }) => IndexName === index.name) }))
    .filter(({ status: index }) => !index || !USABLE.has(index.IndexStatus ?? 'ACTIVE'))
    .map(({ index, status: is }) =>
      unusableTable(`The index ${index.name} of the table ${name}`, is?.IndexStatus ?? 'missing'),
    );
  return [...unusable, ...without];
}

const RESTORE = 'Restore it from a backup: docs/operations.md, section "Restore the ledger from a backup".';

/** A table that is changed goes on serving. */
const USABLE = new Set(['ACTIVE', 'UPDATING']);

function unusableTable(what: string, status: string): Finding {
  const isKey = status.startsWith('INACCESSIBLE_ENCRYPTION');
  return {
    code: 'table-unusable',
    explanation: `${what} cannot be used (${status}): nothing is refreshed until it can.`,
    remedy: {
      text: isKey
        ? 'Its key of KMS is disabled, or is scheduled for deletion: enable it (aws kms cancel-key-deletion, aws kms enable-key).'
        : 'See docs/operations.md, section store-failures.',
    },
  };
}
