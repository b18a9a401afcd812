import assert from 'node:assert/strict';
import { AdminError } from '../../shared/admin/admin-error.ts';
import { administer } from '../../shared/admin/administer.ts';
import { Apps, type AppsRecord } from '../../shared/app/apps.ts';
import { readToken } from '../../shared/read/read-token.ts';
import { TokenMemory } from '../../shared/read/token-memory.ts';
import { answerMessage } from '../../shared/refresh/operator/answer-message.ts';
import { refreshNow } from '../../shared/refresh/operator/refresh-now.ts';
import { LambdaRefreshService } from '../../shared/refresh-service/lambda-refresh-service.ts';
import type { Container } from '../crash/container.ts';
import { CREDENTIAL } from '../crash/surroundings.ts';
import { MemoryTable } from '../support/fakes/memory-table.ts';
import { noDeviceEndpoint } from '../support/fakes/no-device-endpoint.ts';
import { fakeLambdaClient } from '../unit/refresh-service/fake-lambda-client.ts';
import type { SmallWorld } from './small-world.ts';
import type { Party } from './world-model.ts';

/** What a tick on the one credential can write; the explorer convicts whoever writes more. */
export const TICK_WRITES = [
  'ledger *',
  'quota *',
  'provider',
  'vault acme/token/0',
  'vault acme/rescue',
  'timestamps #refused:*',
] as const;

/** One delivery of the schedule. */
export const tick = (name: string, more: Partial<Party> = {}): Party => ({
  name,
  writes: TICK_WRITES,
  act: (container) => container.tick(),
  ...more,
});

/** A workload that asks the read function for a token, which asks the refresh function when it must. */
export const reader = (name: string): Party => ({
  name,
  writes: TICK_WRITES,
  act: (container, world) =>
    container.invoke(async (run) => {
      const { clock, timing, ledger, sealer } = container.context;
      const token = await readToken(
        {
          ...{ clock, timing, ledger, sealer },
          memory: new TokenMemory(),
          refreshService: {
            refresh: ({ credential, waitMs, ...wish }) =>
              refreshNow(container.context, run, credential, { ...wish, priority: 'reader' }, waitMs),
          },
        },
        { credential: CREDENTIAL },
      );
      assert.ok(
        world.provider.accepts(token.accessToken),
        'a reader was given a token that the provider refuses',
      );
      return token.pair.generation;
    }),
});

/** An operator who gives commands, one after the other; refusals are answers. */
export const operator = (name: string, commands: readonly object[], more: Partial<Party> = {}): Party => ({
  name,
  writes: TICK_WRITES,
  breaksPromise: true,
  act: (container, world) =>
    container.invoke(async (run) => {
      const answers: string[] = [];
      const context = adminContextOf(container, world, run);
      for (const command of commands) {
        const answer = administer(context, command).then(() => 'done', refusalOf);
        answers.push(await answer);
      }
      return answers;
    }),
  ...more,
});

function refusalOf(error: unknown): string {
  if (error instanceof AdminError) return error.code;
  throw error;
}

function adminContextOf(container: Container, { names }: SmallWorld, run: { remainingMs(): number }) {
  const { clock, random, timing, ledger, publication } = container.context;
  const sealRings = { store: container.secrets, names: [names.accessRing, names.refreshRing] };
  const lambda = fakeLambdaClient((message) =>
    answerMessage({ ...container.context, sealRings, deviceEndpoint: noDeviceEndpoint }, run, message),
  );
  return {
    env: 'prd' as const,
    ...{ clock, random, timing, ledger, publication, names },
    secretStore: container.secrets,
    // No app is registered, and none of the commands looks at one.
    apps: new Apps(new MemoryTable<AppsRecord>({ keyName: 'credential' }), clock, random),
    refreshService: new LambdaRefreshService(lambda.client, 'renova-prd-refresh'),
  };
}
