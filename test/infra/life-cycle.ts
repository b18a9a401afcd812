import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { isBuiltin } from 'node:module';
import { text as readText } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { RenovaSettings } from '../../infra/settings.ts';
import { serve } from '../../local/http/http-server.ts';
import { startProvider, TOKEN_PATH } from '../../local/sandboxes/serve-sandboxes.ts';
import { systemClock } from '../../shared/clock/system-clock.ts';
import { names } from '../../shared/config/names.ts';
import type { Deployment } from './deployment.ts';
import { bundleOf, resourcesOf, type Synthesis, synthesize } from './synthesis.ts';

const { refreshFunction, readFunction, adminFunction } = names('prd');
const CLIENT = { client_id: 'fake-client-id', client_secret: 'fake-client-secret-1' };
const SCOPE = 'fake.scope';
/** A pair of BS2 PRD lives for 5 minutes. */
const BS2_PRD_LANES = 12;
/** Two or three SDK clients, middy, Powertools, valibot and jose: a cold start reads all of it. */
const MOST_BYTES = 700_000;

/**
 * A credential's life, from the bundles as they are uploaded, with the environment and the permissions that the
 * template gives them, wherever `deploy` puts them.
 */
export function lifeCycleOfBundles(
  where: string,
  deploy: (synthesis: Synthesis, opened: AsyncDisposableStack) => Promise<Deployment>,
  {
    skip = false,
    cannotRestore = false,
    settings,
  }: {
    skip?: string | false;
    cannotRestore?: string | false;
    /** Those of a platform team, with a webhook and a parameter among them. */
    settings?: Partial<RenovaSettings>;
  } = {},
): void {
  describe(`the deployed bundles, ${where}`, { skip }, () => {
    const opened = new AsyncDisposableStack();
    let synthesis: Synthesis;
    let deployment: Deployment;
    let providerUrl = '';
    let receiver: Receiver;
    const secrets = [CLIENT.client_secret];

    before(async () => {
      synthesis = opened.use(synthesize('prd', { bundle: true, settings }));
      receiver = await startReceiver(opened);
      pointWebhookAt(synthesis, receiver.url);
      const options = { env: 'prd', scale: 1, providerPort: 0 } as const;
      providerUrl = (await startProvider(options, systemClock, opened)).url;
      deployment = await deploy(synthesis, opened);
    });
    after(() => opened.disposeAsync());

    const admin = async (request: object) => {
      const { failed, answer } = await deployment.invoke(adminFunction, request);
      assert.equal(failed, false, JSON.stringify(answer));
      return answer as Record<string, unknown>;
    };
    const read = async (request: object) => {
      const { failed, answer } = await deployment.invoke(readFunction, request);
      assert.equal(failed, false, JSON.stringify(answer));
      const token = answer as { access_token: string; generation: number; error?: { code: string } };
      if (token.access_token) secrets.push(token.access_token);
      return token;
    };
    const register = async () => {
      const refreshToken = await obtainRefreshToken(providerUrl);
      secrets.push(refreshToken);
      return admin({
        action: 'register',
        credential: 'acme',
        provider: 'bs2',
        token_url: providerUrl + TOKEN_PATH,
        scope: SCOPE,
        client: CLIENT,
        refresh_token: refreshToken,
        ...(settings && { parameter: true, tags: { team: 'collections' } }),
      });
    };

    it('register a credential, which makes its first refresh and publishes the token', async () => {
      const registered = await register();
      assert.equal(registered.error, undefined, JSON.stringify(registered.error));
      assert.equal(registered.generation, 1);
      assert.equal(registered.published, true);
    });

    it('serve a token that the provider takes, and that is published in a lane', async () => {
      const token = await read({ credential: 'acme' });
      assert.equal(token.generation, 1);
      assert.equal(await statusAtProvider(token.access_token), 200);
      const published = await publishedTokens(deployment.secretsManager);
      assert.deepEqual(published, [{ access_token: token.access_token, generation: 1 }]);
    });

    it('tick', async () => {
      const { failed, answer } = await deployment.invoke(refreshFunction, { source: 'aws.scheduler' });
      assert.equal(failed, false, JSON.stringify(answer));
      assert.equal((answer as { due: number }).due, 0);
    });

    it('refresh: the new token lives, the old one is dead', async () => {
      const { access_token: old } = await read({ credential: 'acme' });
      const refreshed = await admin({ action: 'refresh', credential: 'acme', force: true });
      assert.equal(refreshed.generation, 2);
      const { access_token: current } = await read({ credential: 'acme' });
      assert.equal(await statusAtProvider(current), 200);
      assert.equal(await statusAtProvider(old), 401);
    });

    it('refresh when a reader reports that its token was refused', async () => {
      const token = await read({ credential: 'acme', refused_generation: 2 });
      assert.equal(token.generation, 3);
      assert.equal(await statusAtProvider(token.access_token), 200);
    });

    it('change its settings and its client secret, and publish it otherwise', async () => {
      const { error } = await admin({
        action: 'update',
        credential: 'acme',
        publish: 'pair',
        client: { client_secret: CLIENT.client_secret },
      });
      assert.equal(error, undefined, JSON.stringify(error));
    });

    it('rotate the seal keys that the stack was made with, and serve what the old ones sealed', async () => {
      const { access_token: before } = await read({ credential: 'acme' });
      const rotated = await admin({ action: 'rotate-seal' });
      assert.equal(rotated.resealed, 1, JSON.stringify(rotated));
      assert.equal((await read({ credential: 'acme' })).access_token, before);
    });

    it('look in the vault for anything newer', async () => {
      const { credentials } = await admin({ action: 'recover', credential: 'acme' });
      assert.deepEqual(credentials, [{ credential: 'acme', result: 'up-to-date', generation: 3 }]);
    });

    it('begin a new chain', async () => {
      const refresh_token = await obtainRefreshToken(providerUrl);
      secrets.push(refresh_token);
      const reseeded = await admin({ action: 'reseed', credential: 'acme', refresh_token });
      assert.equal(reseeded.error, undefined, JSON.stringify(reseeded.error));
      assert.equal(await statusAtProvider((await read({ credential: 'acme' })).access_token), 200);
    });

    it('send a test alert', async () => {
      assert.equal((await admin({ action: 'test-alert' })).accepted, true);
    });

    if (settings) {
      it('label what they make', async () => {
        for (const name of ['client', 'token/0', 'token/11']) {
          const command = new DescribeSecretCommand({ SecretId: `renova/prd/acme/${name}` });
          const { Tags = [], KmsKeyId } = await deployment.secretsManager.send(command);
          const tags = Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]));
          assert.partialDeepStrictEqual(tags, { ...settings.tags, team: 'collections' });
          assert.match(String(KmsKeyId), /RenovaOwnKeysSecrets|OwnKeysSecrets/);
        }
      });

      it('deliver an alert to the webhook, again when it was not taken, signed with the key of the stack', async () => {
        receiver.statuses.push(503, 200);
        const event = {
          id: 'fake-event-1',
          'detail-type': 'Credential Lapsed',
          time: '2026-11-28T12:00:00Z',
        };
        const body = JSON.stringify({ ...event, detail: { environment: 'prd', credential: 'acme' } });
        const attempts = [1, 2].map((attempt) => ({
          Records: [{ body, attributes: { ApproximateReceiveCount: String(attempt) } }],
        }));
        const outcomes = [];
        for (const each of attempts)
          outcomes.push((await deployment.invoke('renova-prd-webhook', each)).failed);
        assert.deepEqual(outcomes, [true, false]);
        const key = await deployment.secretsManager.send(
          new GetSecretValueCommand({ SecretId: 'renova/prd/webhook' }),
        );
        secrets.push(String(key.SecretString));
        assert.deepEqual(
          receiver.requests.map(({ headers }) => headers['webhook-attempt']),
          ['1', '2'],
        );
        for (const { headers, text } of receiver.requests) {
          const signed = `fake-event-1.${headers['webhook-timestamp']}.${text}`;
          const bytes = Buffer.from(String(key.SecretString), 'base64');
          const expected = `v1,${createHmac('sha256', bytes).update(signed).digest('base64')}`;
          assert.equal(headers['webhook-signature'], expected);
          assert.equal(headers['webhook-id'], 'fake-event-1');
        }
      });
    }

    it('list, pause and resume', async () => {
      assert.equal(((await admin({ action: 'list' })).credentials as unknown[]).length, 1);
      assert.equal((await admin({ action: 'pause', credential: 'acme' })).state, 'paused');
      assert.equal((await admin({ action: 'resume', credential: 'acme' })).state, 'active');
    });

    it('remove the credential and schedule its secrets for deletion', async () => {
      assert.equal((await admin({ action: 'remove', credential: 'acme' })).state, 'removed');
      assert.equal((await read({ credential: 'acme' })).error?.code, 'unknown-credential');
      const command = new DescribeSecretCommand({ SecretId: 'renova/prd/acme/client' });
      assert.ok((await deployment.secretsManager.send(command)).DeletedDate);
    });

    it('register the removed id again, restoring its secrets', { skip: cannotRestore }, async () => {
      const registered = await register();
      assert.equal(registered.error, undefined, JSON.stringify(registered.error));
      assert.ok(Number(registered.generation) > 4);
      assert.equal(registered.published, true);
    });

    it('did all of that within the permissions of their roles', () => {
      assert.deepEqual(deployment.denied, []);
    });

    it('printed no secret', async () => {
      for (const SecretId of ['renova/prd/seal/access', 'renova/prd/seal/refresh']) {
        const ring = await deployment.secretsManager.send(new GetSecretValueCommand({ SecretId }));
        secrets.push((JSON.parse(ring.SecretString ?? '') as { key: string }).key);
      }
      const printed = deployment.printed();
      assert.match(printed, /"message":"tick"/);
      assert.ok(secrets.length > 5);
      for (const secret of secrets) assert.ok(!printed.includes(secret));
    });

    it('are small, and hold everything they import', () => {
      for (const resource of resourcesOf(synthesis.template, 'AWS::Lambda::Function')) {
        const text = readFileSync(bundleOf(synthesis, resource), 'utf8');
        assert.ok(text.length < MOST_BYTES, `${text.length} bytes`);
        const imported = [...text.matchAll(/\b(?:from|import\(?)"([^"]+)"/g)].map(([, name = '']) => name);
        assert.ok(imported.length > 0);
        assert.deepEqual(
          imported.filter((name) => !isBuiltin(name)),
          [],
        );
      }
    });

    async function statusAtProvider(accessToken: string): Promise<number> {
      const headers = { authorization: `Bearer ${accessToken}` };
      return (await fetch(`${providerUrl}/resource`, { headers })).status;
    }
  });
}

/** A receiver of webhooks that answers as it is told. */
interface Receiver {
  readonly url: string;
  readonly statuses: number[];
  readonly requests: { readonly headers: IncomingHttpHeaders; readonly text: string }[];
}

async function startReceiver(opened: AsyncDisposableStack): Promise<Receiver> {
  const statuses: number[] = [];
  const requests: Receiver['requests'] = [];
  const server = await serve(
    async (request, response) => {
      requests.push({ headers: request.headers, text: await readText(request) });
      response.writeHead(statuses.shift() ?? 500).end();
    },
    0,
    'the receiver',
  );
  opened.defer(() => server.close());
  return { url: `${server.url}/alerts`, statuses, requests };
}

/** The template's own receiver is of nobody. */
function pointWebhookAt({ template }: Synthesis, url: string): void {
  for (const { Properties } of resourcesOf(template, 'AWS::Lambda::Function')) {
    const { Variables } = Properties.Environment as { Variables: Record<string, unknown> };
    if (Variables.RENOVA_WEBHOOK_URL) Variables.RENOVA_WEBHOOK_URL = url;
  }
}

async function obtainRefreshToken(providerUrl: string): Promise<string> {
  const body = JSON.stringify({ ...CLIENT, scope: SCOPE });
  const response = await fetch(`${providerUrl}/_sandbox/refresh-tokens`, { method: 'POST', body });
  return ((await response.json()) as { refresh_token: string }).refresh_token;
}

/** What the lanes of acme hold, besides placeholders. */
async function publishedTokens(secretsManager: SecretsManagerClient) {
  const values = await Promise.all(
    Array.from({ length: BS2_PRD_LANES }, async (_, lane) => {
      const SecretId = `renova/prd/acme/token/${lane}`;
      const { SecretString = '' } = await secretsManager.send(new GetSecretValueCommand({ SecretId }));
      return JSON.parse(SecretString) as { access_token: string; generation: number };
    }),
  );
  return values
    .filter(({ generation }) => generation > 0)
    .map(({ access_token, generation }) => ({ access_token, generation }));
}
