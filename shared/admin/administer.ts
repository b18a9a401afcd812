import type { CredentialRecord } from '../credential/credential.ts';
import { AdminError } from './admin-error.ts';
import type { AdminContext } from './context.ts';
import { register, unknownCredential } from './register.ts';
import { remove } from './remove.ts';
import { MaybeOneRequest, OneRequest, parseRequest, RefreshAction } from './request.ts';
import { summarize } from './summary.ts';

const REFRESH_WAIT_MS = 20_000;

type Action = (context: AdminContext, input: unknown) => Promise<unknown>;

const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['register', register],
  ['list', list],
  ['status', status],
  ['refresh', refresh],
  ['remove', (context, input) => remove(context, parseRequest(OneRequest, input).credential)],
]);

/** Carries out one action of the operator (contract: "Admin"). Rejects with {@link AdminError}. */
export async function administer(context: AdminContext, input: unknown): Promise<unknown> {
  const name = typeof input === 'object' && input !== null && 'action' in input ? input.action : undefined;
  const action = typeof name === 'string' ? actions.get(name) : undefined;
  if (action) return action(context, input);
  const known = [...actions.keys()].join(', ');
  if (name === undefined)
    throw new AdminError('invalid-request', `action: is missing; expected one of ${known}.`, {
      field: 'action',
    });
  throw new AdminError('unknown-action', `action: expected one of ${known}.`, { field: 'action' });
}

async function list(context: AdminContext) {
  const credentials = (await records(context)).map(summarize);
  return { credentials };
}

async function status(context: AdminContext, input: unknown) {
  const { credential } = parseRequest(MaybeOneRequest, input);
  if (credential !== undefined) return summarize(await load(context, credential));
  const all = await records(context);
  const counts = { active: 0, paused: 0, lapsed: 0, failing: 0 };
  for (const record of all) {
    if (record.state !== 'removed') counts[record.state] += 1;
    if (record.failure) counts.failing += 1;
  }
  return { counts, credentials: all.map(summarize) };
}

async function refresh(context: AdminContext, input: unknown) {
  const { credential, force } = parseRequest(RefreshAction, input);
  await load(context, credential);
  const { result, reason } = await context.refreshService.refresh({
    credential,
    force,
    waitMs: REFRESH_WAIT_MS,
  });
  const { generation, expires_at } = summarize(await load(context, credential));
  return { credential, result, reason, generation, expires_at };
}

async function records(context: AdminContext): Promise<CredentialRecord[]> {
  const all: CredentialRecord[] = [];
  for await (const record of context.ledger.list()) if (record.state !== 'removed') all.push(record);
  return all.sort((a, b) => (a.credential < b.credential ? -1 : 1));
}

async function load(context: AdminContext, credential: string): Promise<CredentialRecord> {
  const record = await context.ledger.load(credential);
  if (!record || record.state === 'removed') throw unknownCredential(credential);
  return record;
}
