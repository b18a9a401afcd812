import * as v from 'valibot';
import { ACTOR } from '../credential/history.ts';
import { AdminError } from './admin-error.ts';
import { listApps, putApp, removeApp } from './apps.ts';
import { capacity } from './capacity.ts';
import type { AdminContext } from './context.ts';
import { examine } from './examine.ts';
import { exportAll } from './export.ts';
import { pause, resume } from './lifecycle.ts';
import { loginDevice } from './login-device.ts';
import { loginStart } from './login-start.ts';
import { findRecord } from './lookup.ts';
import { networks } from './networks.ts';
import { readPage } from './page.ts';
import { register } from './register.ts';
import { remove } from './remove.ts';
import {
  BareRequest,
  ListRequest,
  MaybeOneRequest,
  OneRequest,
  parseRequest,
  RefreshAction,
} from './request.ts';
import { rescue } from './rescue.ts';
import { reseed } from './reseed.ts';
import { summarize, withHistory } from './summary.ts';
import { testAlert } from './test-alert.ts';
import { update } from './update.ts';
import { recover, rotateSeal } from './vault-actions.ts';

const REFRESH_WAIT_MS = 20_000;

type Action = (context: AdminContext, input: unknown) => Promise<unknown>;

const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['register', register],
  ['update', update],
  ['reseed', reseed],
  ['list', list],
  ['status', status],
  ['refresh', refresh],
  ['pause', pause],
  ['resume', resume],
  ['remove', (context, input) => remove(context, parseRequest(OneRequest, input).credential)],
  ['recover', recover],
  ['rescue', rescue],
  ['capacity', bare(capacity)],
  ['networks', networks],
  ['rotate-seal', bare(rotateSeal)],
  ['export', exportAll],
  ['login-start', loginStart],
  ['login-device', loginDevice],
  ['app-put', putApp],
  ['app-list', listApps],
  ['app-remove', removeApp],
  ['test-alert', bare(testAlert)],
  ['examine', bare(examine)],
]);

/** An action that takes nothing: a member that is given all the same means something else to whoever gave it. */
function bare(act: (context: AdminContext) => Promise<unknown>): Action {
  return async (context, input) => {
    parseRequest(BareRequest, input);
    return act(context);
  };
}

/** Carries out one action of the operator. Rejects with {@link AdminError}. */
export async function administer(context: AdminContext, input: unknown): Promise<unknown> {
  const { by, rest } = signed(input);
  const name = typeof rest === 'object' && rest !== null && 'action' in rest ? rest.action : undefined;
  const action = typeof name === 'string' ? actions.get(name) : undefined;
  if (action) return action({ ...context, by }, rest);
  const known = [...actions.keys()].join(', ');
  if (name === undefined)
    throw new AdminError('invalid-request', `action: is missing; expected one of ${known}.`, {
      field: 'action',
    });
  throw new AdminError('unknown-action', `action: expected one of ${known}.`, { field: 'action' });
}

/** Every request may say who makes it. */
function signed(input: unknown): { readonly by?: string; readonly rest: unknown } {
  if (typeof input !== 'object' || input === null || !('by' in input)) return { rest: input };
  const { by, ...rest } = input;
  return { by: parseRequest(v.object({ by: By }), { by }).by, rest };
}

const WHO = 'who asks: 1 to 64 letters, digits and . @ + : / _ -';
const By = v.pipe(v.string(WHO), v.regex(ACTOR, WHO));

async function list(context: AdminContext, input: unknown) {
  const { tags = {}, app, history, after } = parseRequest(ListRequest, input);
  const wanted = Object.entries(tags);
  const { shown, records, next } = await readPage(context, {
    after,
    isWanted: (record) =>
      (app === undefined || record.app === app) &&
      wanted.every(
        ([name, value]) => Object.hasOwn(record.tags ?? {}, name) && record.tags?.[name] === value,
      ),
    show: summarize,
  });
  const isWhole = after === undefined && next === undefined;
  const hasRoom = history && isWhole && records.length <= MOST_WITH_HISTORY;
  return { credentials: hasRoom ? records.map(withHistory) : shown, next };
}

/** An answer of Lambda holds 6 MB: beyond this, `status` of one credential has its history. */
const MOST_WITH_HISTORY = 500;

async function status(context: AdminContext, input: unknown) {
  const { credential, after } = parseRequest(MaybeOneRequest, input);
  if (credential !== undefined) return withHistory(await findRecord(context, credential));
  const { shown, records, next } = await readPage(context, { after, show: summarize });
  const counts = { active: 0, failing: 0, paused: 0, lapsed: 0 };
  for (const { state, failure } of records) {
    if (state === 'active' && failure) counts.failing += 1;
    else if (state !== 'removed') counts[state] += 1;
  }
  return { counts, credentials: shown, next };
}

async function refresh(context: AdminContext, input: unknown) {
  const { credential, force } = parseRequest(RefreshAction, input);
  await findRecord(context, credential);
  const { result, reason } = await context.refreshService.refresh({
    credential,
    force,
    waitMs: REFRESH_WAIT_MS,
  });
  const now = summarize(await findRecord(context, credential));
  const isNoted = result === 'failed' && now.outcome === reason;
  const { generation, expires_at } = now;
  return {
    credential,
    result,
    reason,
    failure_reason: isNoted ? now.reason : undefined,
    generation,
    expires_at,
  };
}
