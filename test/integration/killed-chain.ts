import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { type EnvironmentName, names } from '../../shared/config/names.ts';
import type { CredentialRecord } from '../../shared/credential/credential.ts';
import { testClientOptions } from '../support/aws-clients.ts';
import { eventually } from './eventually.ts';
import type { Operator, Status } from './operator.ts';
import type { SandboxClient } from './sandbox-client.ts';

/** The only chain that is alive at the sandbox: whatever is issued from now on is issued to it. */
export interface Chain {
  readonly credential: string;
  /** What the sandbox had issued to others before. */
  readonly issuedBefore: number;
  readonly reusedBefore: number;
}

/** What a kill did to the chain. */
export type KillOutcome = 'recovered' | 'unsavable';

/** Registers a new credential whose chain will be killed; generation 1 is there when it resolves. */
export async function beginChain(
  credential: string,
  operator: Operator,
  sandbox: SandboxClient,
): Promise<Chain> {
  const { issued, reused_refresh_tokens } = await sandbox.stats();
  await operator.register(credential, sandbox);
  const chain = { credential, issuedBefore: issued, reusedBefore: reused_refresh_tokens };
  await untilGoingOn(chain, operator, 0);
  return chain;
}

/**
 * How many pairs of this chain the sandbox had issued when the stack died: what was on its way when the
 * process ended has arrived by the time nothing changes any more.
 */
export async function pairsIssued(chain: Chain, sandbox: SandboxClient): Promise<number> {
  let before = await sandbox.stats();
  for (let unchanged = 0; unchanged < 5; ) {
    const now = await sandbox.stats();
    unchanged =
      now.token_requests === before.token_requests && now.issued === before.issued ? unchanged + 1 : 0;
    before = now;
  }
  return before.issued - chain.issuedBefore;
}

/**
 * What became of the chain after a restart: `recovered` when a pair that was issued later is kept and
 * published. A chain that lapsed is `unsavable` only if the sandbox proves it: a pair was issued that no
 * store ever got, and the ledger says that it lapsed after a post with an unknown outcome. Anything else
 * rejects.
 */
export async function outcomeOf(
  t: Pick<TestContext, 'after'>,
  chain: Chain,
  issuedAtDeath: number,
  stack: { readonly env: EnvironmentName; readonly awsUrl: string; readonly operator: Operator },
  sandbox: SandboxClient,
): Promise<KillOutcome> {
  const state = await untilGoingOn(chain, stack.operator, issuedAtDeath);
  const { issued, reused_refresh_tokens } = await sandbox.stats();
  const reused = reused_refresh_tokens - chain.reusedBefore;
  if (state === 'active') {
    assert.equal(reused, 0, 'a spent refresh token was posted, and the chain goes on');
    return 'recovered';
  }
  const record = await ledgerItem(t, stack, chain.credential);
  assert.equal(record.generation, issuedAtDeath - 1, 'it lapsed, but every pair that was issued was kept');
  assert.equal(issued - chain.issuedBefore, issuedAtDeath, 'it lapsed, but a pair was issued after the kill');
  // Twice (I8), and more often where the provider serves nobody else meanwhile, as on a machine with much to do.
  const status = await stack.operator.status(chain.credential);
  const { history } = status as Status & { readonly history: readonly { readonly outcome: string }[] };
  const of = (...names: readonly string[]) => history.filter(({ outcome }) => names.includes(outcome)).length;
  const refusals = of('refused-token', 'lapsed');
  assert.ok(refusals >= 2, `the spent token was refused ${refusals} times`);
  const isNoted = reused >= refusals && reused <= refusals + of('unknown');
  assert.ok(isNoted, `the spent token was posted ${reused} times, and ${refusals} refusals are noted`);
  const { reason, afterUnknown } = record.lapse ?? {};
  assert.deepEqual({ reason, afterUnknown }, { reason: 'grant-refused', afterUnknown: true });
  return 'unsavable';
}

/** Resolves when generation `beyond` + 1 is kept and published, or the chain has lapsed. */
function untilGoingOn({ credential }: Chain, operator: Operator, beyond: number) {
  return eventually(`generation ${beyond + 1} of ${credential}, published`, async (seen) => {
    const status = await operator.status(credential);
    seen(status);
    if (status.state === 'lapsed') return status.state;
    const { generation, published_generation } = status;
    return generation > beyond && published_generation === generation ? ('active' as const) : undefined;
  });
}

async function ledgerItem(
  t: Pick<TestContext, 'after'>,
  { env, awsUrl }: { readonly env: EnvironmentName; readonly awsUrl: string },
  credential: string,
): Promise<CredentialRecord> {
  const dynamoDb = new DynamoDBClient(testClientOptions(awsUrl));
  t.after(() => dynamoDb.destroy());
  const Key = { credential: { S: credential } };
  const command = new GetItemCommand({ TableName: names(env).credentialsTable, Key, ConsistentRead: true });
  return unmarshall((await dynamoDb.send(command)).Item ?? {}) as CredentialRecord;
}
