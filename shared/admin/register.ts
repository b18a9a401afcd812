import type { CredentialRecord } from '../credential/credential.ts';
import { errorFields } from '../log/log.ts';
import { Secret } from '../secret/secret.ts';
import { lanesOf } from '../vault/lanes.ts';
import { AdminError } from './admin-error.ts';
import { findApp } from './app-client.ts';
import { assertAppStays } from './apps.ts';
import { putClient } from './client-secret.ts';
import { type CommandStep, lanesCreated } from './command-step.ts';
import type { AdminContext } from './context.ts';
import { firstRefresh } from './first-refresh.ts';
import { asOperatorError, codeOf, oneLogin } from './login-request.ts';
import { assertOneLimit, assertQuota, registeredLimit } from './quota-check.ts';
import { assertNotBeingRemoved, remove } from './remove.ts';
import { parseRequest, RegisterRequest, withNetwork } from './request.ts';
import { livingTokenOf, seedLifeOf } from './seed.ts';
import { settingsOf } from './settings.ts';
import { summarize } from './summary.ts';
import { unknownFacts } from './unknown-facts.ts';

/**
 * Registers a credential: seals the refresh token into the ledger, stores the client secret, creates the lanes,
 * and only then makes the first refresh. What fails before anybody has posted the refresh token is undone; what fails
 * later leaves the credential registered, and the next tick tries again.
 * Rejects with {@link AdminError}, or as the stores and the refresh function do.
 */
export async function register(context: AdminContext, input: unknown) {
  const request = withNetwork(parseRequest(RegisterRequest, input));
  const { credential } = request;
  assertFreeName(credential);
  const before = await context.ledger.load(credential);
  if (before && before.state !== 'removed') throw alreadyRegistered(credential);
  assertNotBeingRemoved(before, context.clock.nowMs());
  const app = request.app === undefined ? undefined : await findApp(context, request.app);
  const known = settingsOf(context, request, app);
  const life = seedLifeOf(request, context.clock.nowMs());
  const living = livingTokenOf(request, context.clock.nowMs());
  const settings = request.quota ? known : await registeredLimit(context, known);
  await assertOneLimit(context, settings);
  if (!request.force) await assertQuota(context, settings, 'register');
  if (request.check) return { credential, checked: true };

  const steps: CommandStep[] = [];
  const chain = context.random.id();
  const lanes = settings.publish === 'none' ? 1 : lanesOf(settings, context.timing.dayMs);

  const refreshToken = request.refresh_token === undefined ? undefined : new Secret(request.refresh_token);
  const code = codeOf(request.code, settings.grant, request.refresh_token);
  const byName = oneLogin(settings.grant, request.client, request.refresh_token);
  const { kept } = byName;
  const login = code ? kept : byName.login;
  const seed = { settings, chain, lanes, refreshToken, login, code, life, living, by: context.by };
  try {
    if (!(await asOperatorError(context.refreshService.seed(seed), code)))
      throw alreadyRegistered(credential);
    if (living) steps.push({ step: 'living pair taken over', ok: true });
    if (login) steps.push({ step: 'logged in', ok: true });
    steps.push({ step: refreshToken || login ? 'refresh token kept' : 'credential kept', ok: true });
    if (app) {
      await assertAppStays(context, app.name);
    } else {
      await putClient(context, settings, kept);
      steps.push({ step: 'client secret stored', ok: true });
    }
    if (settings.publish !== 'none') {
      await context.publication.createLanes({
        credential,
        provider: settings.provider,
        chain,
        lanes,
        tags: settings.tags,
      });
      steps.push({ step: lanesCreated(lanes), ok: true });
    }
  } catch (error) {
    const isBegun = steps.length > 0;
    if ((error instanceof AdminError && !isBegun) || !(await isKept(context, credential, chain))) throw error;
    steps.push({ step: 'everything stored', ok: false, detail: whyKept(error) });
  }

  const { record, step } = await firstRefresh(context, credential, {
    force: !living && steps.every(({ ok }) => ok),
  });
  const published = isPublished(record);
  const unknown = unknownFacts(request);
  return {
    ...summarize(record),
    published,
    steps: [...steps, step],
    warnings: [...warnings(record), ...(unknown === undefined ? [] : [unknown])],
  };
}

/**
 * Undoes a registration of which nothing was posted: the operator still has the refresh token, and the id is free
 * again. As soon as anybody has posted it (a tick, a reader's request), it may be spent, and its successor is in the
 * ledger or on its way: the credential is kept. The answer that the chain was begun may have been lost, so it is the
 * ledger that says what there is. True: it is kept.
 */
async function isKept(context: AdminContext, credential: string, chain: string): Promise<boolean> {
  const isUnposted = (record: CredentialRecord) => record.chain === chain && isSeed(record);
  const before = await context.ledger.load(credential);
  if (before?.chain !== chain || before.state === 'removed') return false;
  if (isUnposted(before)) await remove(context, credential, isUnposted);
  const after = await context.ledger.load(credential);
  return after?.chain === chain && after.state !== 'removed';
}

/** True while nobody has posted its refresh token: its pair is the one that registration made, and nothing was tried. */
function isSeed({ pair, chain, attempt, failure, doubt, refusals, lapse }: CredentialRecord): boolean {
  const isUntried = !attempt && !doubt && !refusals && !lapse;
  const isUnsent = !failure || failure.outcome === 'not-ready' || failure.outcome === 'not-sent';
  return pair?.attempt === chain && isUntried && isUnsent;
}

function whyKept(error: unknown): string {
  const { code = 'unexpected' } = errorFields(error);
  return `a part of Renova did not answer (${code}), and its refresh token was in use already: it stays registered, and what is missing is made up for by the next ticks`;
}

/** Ids that Renova uses where no credential is meant: a test alert, a look for networks, the secrets of apps, the seal key rings. */
const OWN_IDS: ReadonlySet<string> = new Set(['test-alert', 'networks', 'app', 'seal']);

function assertFreeName(credential: string): void {
  if (!OWN_IDS.has(credential)) return;
  const message = `credential: ${credential} is a name that Renova uses itself; choose another id.`;
  throw new AdminError('invalid-request', message, { field: 'credential' });
}

function alreadyRegistered(credential: string): AdminError {
  return new AdminError('already-registered', `${credential} is registered already.`, {
    field: 'credential',
    remedy: 'Choose another id, or give it a new refresh token:',
    command: { name: 'reseed', id: credential },
  });
}

/** False for what is not published at all, and for a seed, which there is nothing of to publish yet. */
function isPublished(record: CredentialRecord): boolean {
  const current = record.publication.generation === record.generation;
  return record.publish !== 'none' && record.pair?.sealedAccess !== undefined && current;
}

function warnings(record: CredentialRecord): string[] {
  const all: string[] = [];
  if (record.grant === 'refresh_token') {
    all.push(
      'Renova must be the only one who refreshes this credential: stop any other job that does (an old cron job would end the chain).',
    );
  }
  if (record.publish !== 'none' && record.pair?.sealedAccess && !isPublished(record)) {
    all.push('Its token is not published yet; the next tick does that.');
  }
  return all;
}
