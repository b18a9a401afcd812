import * as v from 'valibot';
import type { CredentialSettings } from '../credential/settings.ts';
import { profiles } from '../provider/profiles.ts';
import { AdminError } from './admin-error.ts';
import { findApp } from './app-client.ts';
import { assertClientParts } from './client-check.ts';
import type { AdminContext } from './context.ts';
import { asOperatorError } from './login-request.ts';
import { assertLivesOnToken } from './login-start.ts';
import { findRecord } from './lookup.ts';
import { standIn } from './provider-reach.ts';
import { providerUrl } from './provider-url.ts';
import { parseRequest, RegisterRequest, withNetwork } from './request.ts';
import { CredentialId, Text } from './request-values.ts';
import { settingsOf } from './settings.ts';

const DeviceUrl = v.optional(Text);

/** Of a credential that is registered: it gets a new chain. */
const AgainRequest = v.strictObject({
  action: v.literal('login-device'),
  credential: CredentialId,
  reseed: v.literal(true),
  device_url: DeviceUrl,
});
/** Of one that is to be registered: with the settings and the client that it will have. */
const NewRequest = v.strictObject({
  ...RegisterRequest.entries,
  action: v.literal('login-device'),
  device_url: DeviceUrl,
});

/**
 * Asks the provider to let a device in (RFC 8628 §3.1): the codes that a person is shown, and that a registration or a
 * reseed is then made with. Nothing is stored. Rejects with {@link AdminError}.
 */
export async function loginDevice(context: AdminContext, input: unknown) {
  const isAgain = typeof input === 'object' && input !== null && 'reseed' in input;
  const { settings, client, deviceUrl, owner } = isAgain
    ? await loginAgain(context, input)
    : await firstLogin(context, input);
  const known = profiles.get(settings.provider)?.login?.deviceUrl?.[context.env];
  const url = deviceUrl ?? standIn(known, context.reach);
  if (url === undefined) {
    throw new AdminError(
      'invalid-request',
      `device_url: is missing; where devices log in to ${settings.provider} is not known.`,
      { field: 'device_url' },
    );
  }
  return asOperatorError(
    context.refreshService.startDevice({
      settings,
      deviceUrl: providerUrl(url, context.reach, 'device_url'),
      owner,
      login: client,
    }),
  );
}

async function loginAgain(context: AdminContext, input: unknown) {
  const { credential, device_url: deviceUrl } = parseRequest(AgainRequest, input);
  const settings = await findRecord(context, credential);
  assertLivesOnToken(settings);
  const { app } = settings;
  return { settings, client: {}, deviceUrl, owner: app === undefined ? { credential } : { app } };
}

async function firstLogin(context: AdminContext, input: unknown) {
  const { device_url: deviceUrl, ...given } = parseRequest(NewRequest, input);
  const request = withNetwork({ ...given, action: 'register' as const, check: true });
  const app = request.app === undefined ? undefined : await findApp(context, request.app);
  const settings: CredentialSettings = settingsOf(context, request, app);
  assertLivesOnToken(settings);
  if (!app) assertClientParts(settings.clientAuth, request.client);
  return { settings, client: request.client, deviceUrl, owner: app && { app: app.name } };
}
