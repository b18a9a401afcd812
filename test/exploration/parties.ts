import assert from 'node:assert/strict';
import { AdminError } from '../../shared/admin/admin-error.ts';
import { administer } from '../../shared/admin/administer.ts';
import { Apps, type AppsRecord } from '../../shared/app/apps.ts';
import { secretNames } from '../../shared/config/names.ts';
import { readToken } from '../../shared/read/read-token.ts';
import { TokenMemory } from '../../shared/read/token-memory.ts';
import { answerMessage } from '../../shared/refresh/operator/answer-message.ts';
import { refreshNow } from '../../shared/refresh/operator/refresh-now.ts';
import { refreshCredential } from '../../shared/refresh/refresh-credential.ts';
import { LambdaRefreshService } from '../../shared/refresh-service/lambda-refresh-service.ts';
import { Secret } from '../../shared/secret/secret.ts';
import type { Container } from '../crash/container.ts';
import { CREDENTIAL } from '../crash/surroundings.ts';
import { MemoryTable } from '../support/fakes/memory-table.ts';
import { noDeviceEndpoint } from '../support/fakes/no-device-endpoint.ts';
import { fakeLambdaClient } from '../unit/refresh-service/fake-lambda-client.ts';
import type { Party } from './world-model.ts';

/** What a tick on the one credential can write; the explorer convicts whoever writes more. */
export const TICK_WRITES = [
  'ledger *',
  'quota *',
  'provider',
  'vault acme/token/0',
  'vault acme/rescue',
  'timestamps #refused:*',
  'timestamps #inventory',
] as const;

/** One delivery of the schedule. */
export const tick = (name: string, more: Partial<Party> = {}): Party => ({
  name,
  writes: TICK_WRITES,
  act: (container) => container.tick(),
  ...more,
});

/** A container that refreshes one credential, as a tick that has found it due. */
export const refresher = (name: string, credential: string): Party => ({
  name,
  writes: TICK_WRITES,
  act: (container) =>
    container.invoke((run) =>
      refreshCredential(container.context, run, credential, { priority: 'scheduled' }),
    ),
});

/** A workload that asks the read function for a token, which asks the refresh function when it must. */
export const reader = (name: string, check: Party['check']): Party => ({
  name,
  writes: TICK_WRITES,
  act: (container) =>
    container.invoke(async () => {
      const { clock, timing, ledger, sealer } = container.context;
      const token = await readToken(
        {
          ...{ clock, timing, ledger, sealer },
          memory: new TokenMemory(),
          refreshService: {
            refresh: ({ credential, waitMs, ...trigger }) =>
              // An invocation of its own, which goes on when the reader has waited long enough.
              container.invoke((run) =>
                refreshNow(container.context, run, credential, { ...trigger, priority: 'reader' }, waitMs),
              ),
          },
        },
        { credential: CREDENTIAL },
      );
      return { generation: token.pair.generation, token: token.accessToken.reveal() };
    }),
  check,
});

/** Nobody replaces a new token within its promise: what a reader gets that has asked for one must open the door. */
export const mustOpen: Party['check'] = (result, { stores }) => {
  const { token } = result as { token: string };
  assert.ok(
    stores.provider.provider.accepts(new Secret(token)),
    'reader: it was given a token that the provider refuses',
  );
};

/** A token that is being replaced may be given out a last time, but none whose time was over. */
export const mustLive: Party['check'] = (result, { stores, nowMs, isStruck }) => {
  const { token } = result as { token: string };
  const issued = [...stores.provider.provider.issued.values()].find(
    ({ accessToken }) => accessToken === token,
  );
  assert.ok(
    isStruck || (issued && nowMs < issued.issuedAtMs + 300_000),
    'reader: it was given a token that has expired',
  );
};

/** An operator who gives commands, one after the other; refusals are answers. */
export const operator = (name: string, commands: readonly object[], more: Partial<Party> = {}): Party => ({
  name,
  writes: TICK_WRITES,
  breaksPromise: true,
  act: (container) =>
    container.invoke(async (run) => {
      const answers: string[] = [];
      const context = adminContextOf(container, run);
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

function adminContextOf(container: Container, run: { remainingMs(): number }) {
  const names = secretNames('renova/prd');
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
