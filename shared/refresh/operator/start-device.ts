import { requestSettingsOf } from '../../credential/settings.ts';
import type { DeviceCodes, DeviceEndpoint } from '../../device-endpoint/device-endpoint.ts';
import { settlePermit } from '../attempt/settle-permit.ts';
import type { Invocation, RefreshContext } from '../context.ts';
import { type Login, PERMIT_WAIT_MS, permitWithin, type RefusedLogin } from './log-in.ts';

export interface DeviceContext extends RefreshContext {
  readonly deviceEndpoint: DeviceEndpoint;
}

/** A login that begins at a device, and is decided by a person elsewhere. */
export interface DeviceLogin extends Pick<Login, 'settings' | 'client'> {
  readonly deviceUrl: string;
}

export type DeviceStartResult =
  | { readonly codes: DeviceCodes; readonly refused?: undefined }
  | { readonly codes?: undefined; readonly refused: RefusedLogin };

/**
 * Asks the provider for the codes of a device, with a permit of its quota. Rejects with `StoreUnavailableError` when the
 * quota cannot be asked.
 */
export async function startDevice(
  context: DeviceContext,
  invocation: Invocation,
  { settings, client, deviceUrl }: DeviceLogin,
): Promise<DeviceStartResult> {
  const { timing, clock, deviceEndpoint } = context;
  if (invocation.remainingMs() < timing.answerByMs) {
    return { refused: { outcome: 'no-permit', reason: 'no-time' } };
  }
  const permit = await permitWithin(context, settings.quota, PERMIT_WAIT_MS);
  if (!permit) return { refused: { outcome: 'no-permit', reason: 'quota' } };
  const startMs = clock.monotonicMs();
  const {
    refreshUrl: _url,
    refreshScope: _scope,
    tokenUrl: _token,
    ...request
  } = requestSettingsOf(settings);
  const outcome = await deviceEndpoint.ask(
    { ...request, client, deviceUrl },
    { sendByMs: startMs + timing.sendByMs, answerByMs: startMs + timing.answerByMs },
  );
  const isUnsent = outcome.kind === 'refused' && outcome.outcome === 'not-sent';
  await settlePermit(context, permit, isUnsent ? undefined : { kind: 'unknown', reason: 'no-token' });
  if (outcome.kind === 'asked') return { codes: outcome.codes };
  const { outcome: kind, reason } = outcome;
  context.log.warn('device login not begun', { outcome: kind, reason });
  return { refused: { outcome: kind, reason } };
}
