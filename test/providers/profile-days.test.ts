// Every profile on the local stack: real functions, real stores, real sockets, and a clock that is faster.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { systemClock } from '../../shared/clock/system-clock.ts';
import { names } from '../../shared/config/names.ts';
import { profiles } from '../../shared/provider/profiles.ts';
import { eventually } from '../integration/eventually.ts';
import { operatorOf } from '../integration/operator.ts';
import { amount } from '../runner/amount.ts';
import { testClientOptions } from '../support/aws-clients.ts';
import { startStackProcess } from '../support/stack-process.ts';
import { type PlayedProfile, playProfile } from './played-profiles.ts';
import { serveOnLoopback } from './provider-world.ts';

const ENV = 'prd';
/** The whole day is `RENOVA_PROFILE_DAY_HOURS=24 npm run prove -- providers`: 24 minutes of waiting. */
const SCALE = amount({ test: 20, prove: 60 });
const HOURS = amount({ test: 0.05, prove: 1, variable: 'RENOVA_PROFILE_DAY_HOURS' });
const LIFE_MS = (HOURS * 3_600_000) / SCALE;
const GAP_MS = 120_000;

test(`${HOURS} h of all ${profiles.size} profiles on the local stack: each chain goes on, and no provider complains`, {
  timeout: LIFE_MS + 4 * GAP_MS,
}, async (t) => {
  const stack = await startStackProcess(t, ['--env', ENV, '--scale', `${SCALE}`, '--no-demo']);
  const operator = operatorOf(t, ENV, stack.awsUrl);
  const administer = adminOf(t, stack.awsUrl);
  const played = await Promise.all([...profiles.keys()].map((provider) => play(t, provider)));
  const all = played.flatMap(({ credentials }) => credentials);
  for (const { credential, request } of all) await administer({ action: 'register', credential, ...request });
  await delay(LIFE_MS);

  for (const { profile, url, prefix, credentials, record } of played) {
    const { provider } = profile;
    for (const { credential, owner } of credentials) {
      await eventually(
        `${credential}: a token that its provider takes`,
        async (saw) => {
          const { access_token, error } = await operator.read(credential);
          saw({ error });
          if (error) return undefined;
          const headers = { authorization: `Bearer ${access_token}` };
          const { status } = await fetch(`${url}${prefix}/resource`, { headers });
          return status === 200 || undefined;
        },
        { withinMs: GAP_MS },
      );
      assert.equal((await operator.status(credential)).state, 'active', credential);
      t.diagnostic(`${credential}: ${record.tokensOf(owner)} tokens`);
    }
    const { throttled, reused, refused } = record;
    assert.deepEqual({ throttled, reused, refused }, { throttled: 0, reused: 0, refused: 0 }, provider);
  }
});

async function play(t: TestContext, provider: string): Promise<PlayedProfile> {
  return playProfile(provider, {
    clock: systemClock,
    scale: SCALE,
    howMany: 1,
    serve: async (listener) => {
      const { url, close } = await serveOnLoopback(() => listener);
      t.after(close);
      return url;
    },
  });
}

function adminOf(t: TestContext, awsUrl: string) {
  const lambda = new LambdaClient(testClientOptions(awsUrl));
  t.after(() => lambda.destroy());
  return async (event: object): Promise<void> => {
    const { adminFunction: FunctionName } = names(ENV);
    const sent = new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) });
    const { Payload } = await lambda.send(sent);
    const { error } = JSON.parse(Buffer.from(Payload ?? []).toString());
    assert.equal(error, undefined, JSON.stringify(error));
  };
}
