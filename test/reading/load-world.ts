import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { EnvironmentName } from '../../shared/config/names.ts';
import { eventually } from '../integration/eventually.ts';
import { type Operator, operatorOf, type Status } from '../integration/operator.ts';
import { type SandboxClient, sandboxClient } from '../integration/sandbox-client.ts';
import { patientClientOptions } from '../support/aws-clients.ts';
import { type StackProcess, startStackProcess } from '../support/stack-process.ts';

/** How a stack ends: asked to (SIGTERM), or by `kill -9`. */
export type Outage = 'stop' | 'kill';

export interface World {
  /** A process of its own, which lives on. */
  readonly sandbox: SandboxClient;
  readonly operator: Operator;
  readonly secretsManager: SecretsManagerClient;
  readonly apiUrl: string;
  /** Ends the stack and starts it again, at the same addresses and on the same data. */
  restart(by: Outage): Promise<void>;
}

/** A stack and its provider, each a process of its own. */
export async function startWorld(t: TestContext, env: EnvironmentName, scale: number): Promise<World> {
  const data = mkdtempSync(join(tmpdir(), 'renova-load-'));
  const parts = ['--env', env, '--scale', String(scale)];
  const provider = await startStackProcess(t, [...parts, '--provider-only']);
  const all = [...parts, '--no-provider', '--no-demo', '--data', data];
  let stack: StackProcess = await startStackProcess(t, all);
  const { awsUrl, apiUrl } = stack;
  const ports = ['--port', new URL(awsUrl).port, '--api-port', new URL(apiUrl).port];
  // Patient: looking through all versions in the end meets the rates of Secrets Manager.
  const secretsManager = new SecretsManagerClient(patientClientOptions(awsUrl));
  t.after(async () => {
    secretsManager.destroy();
    await stack.kill();
    rmSync(data, { recursive: true, force: true });
  });
  return {
    sandbox: sandboxClient(provider.providerUrl),
    operator: operatorOf(t, env, awsUrl),
    secretsManager,
    apiUrl,
    async restart(by) {
      await stack[by]();
      stack = await startStackProcess(t, [...all, ...ports]);
    },
  };
}

/** A registration that a store failed is all undone, and made again. */
export async function registered(credential: string, { operator, sandbox }: World): Promise<void> {
  await eventually(`the registration of ${credential}`, () =>
    operator.register(credential, sandbox).then(
      () => true,
      () => undefined,
    ),
  );
}

/**
 * Gives every credential that lapsed a new refresh token, as a person would; resolves with their ids. Only a kill
 * between the provider's commit and the first store may end a chain, and Renova then says that an answer was lost.
 */
export async function reseedLapsed({ operator, sandbox }: World): Promise<readonly string[]> {
  const lapsed = (await operator.list()).filter(({ state }) => state === 'lapsed');
  for (const { credential, reason, after_unknown } of lapsed) {
    assert.deepEqual([reason, after_unknown], ['grant-refused', true], `${credential}: lapsed`);
    await operator.reseed(credential, sandbox);
  }
  return lapsed.map(({ credential }) => credential);
}

/** How many pairs the provider has issued, and how many of them Renova keeps or kept, at a moment of rest. */
export function pairsAtRest({ operator, sandbox }: World) {
  return eventually('a living, published token of every credential, and none on its way', async (seen) => {
    const before = await sandbox.stats();
    const credentials = await operator.list();
    seen(credentials.map(({ credential, state, generation }) => [credential, state, generation]));
    const { issued } = await sandbox.stats();
    if (issued !== before.issued || !credentials.every(isPublished)) return undefined;
    return { issued, kept: credentials.reduce((sum, { generation }) => sum + generation, 0) };
  });
}

function isPublished({ state, generation, published_generation }: Status): boolean {
  return state === 'active' && published_generation === generation;
}
