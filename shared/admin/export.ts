import type { CredentialRecord } from '../credential/credential.ts';
import { faultOf } from '../credential/record-fault.ts';
import type { AdminContext } from './context.ts';
import { readPage } from './page.ts';
import { PageRequest, parseRequest } from './request.ts';

/**
 * Every credential and app as it would be registered anew: its settings in the words of `register`, at scale 1, and
 * no secret. Apps are on the first page.
 */
export async function exportAll(context: AdminContext, input: unknown) {
  const { after } = parseRequest(PageRequest, input);
  const { timing } = context;
  const { shown, next } = await readPage(context, {
    after,
    // A damaged record is no settings to register anew; `list` names it.
    isWanted: (record) => faultOf(record) === undefined,
    show: (record) => registrationOf(record, timing.scale),
  });
  if (after !== undefined) return { credentials: shown, apps: [], next };
  const apps = (await context.apps.all()).map(({ name, tags }) => ({ app: name, ...(tags && { tags }) }));
  return { credentials: shown, apps, next };
}

/** The settings of a credential as `register` takes them. Pure. */
export function registrationOf(record: CredentialRecord, scale: number) {
  const seconds = (ms: number | undefined) => (ms === undefined ? undefined : (ms * scale) / 1000);
  const { quota, extra } = record;
  return {
    credential: record.credential,
    provider: record.provider,
    app: record.app,
    grant: record.grant,
    token_url: record.tokenUrl,
    refresh_url: record.refreshUrl,
    scope: record.scope,
    refresh_scope: record.refreshScope,
    client_auth: record.clientAuth,
    grant_type: record.grantType,
    user_agent: record.userAgent,
    headers: record.headers,
    extra: Object.keys(extra).length === 0 ? undefined : extra,
    body: record.body,
    method: record.method,
    ca: record.ca,
    answer_seconds: record.answerSeconds,
    mode: record.mode,
    publish: record.publish,
    parameter: record.parameter,
    // A life that nobody registered is the profile's, and no bound of what answers state.
    access_token_seconds: seconds(record.accessTokenMaxMs),
    refresh_before_seconds: seconds(record.refreshBeforeMs),
    refresh_token_seconds: seconds(record.refreshTokenMs),
    refresh_token_lifetime: record.refreshTokenLifetime,
    quota: quota && { key: quota.key, limit: quota.limit, window_seconds: seconds(quota.windowMs) },
    fields: record.fields,
    login_fields: record.loginFields,
    tags: record.tags,
  };
}
