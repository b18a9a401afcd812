import type { IncomingMessage } from 'node:http';
import { type Answer, errorAnswer, jsonAnswer, readBody } from './http-answer.ts';
import { devicePage, html, refusalPage, resultPage } from './login-page.ts';
import { originOf } from './provider-paths.ts';
import type { ProviderRules } from './rules.ts';
import type { Sandbox } from './sandbox.ts';
import type { Handler } from './sandbox-routes.ts';
import { TokenError } from './token-error.ts';
import { parseDeviceRequest } from './token-form.ts';

interface DeviceParts {
  readonly sandbox: Sandbox;
  readonly rules: ProviderRules;
  /** Where a device asks. */
  readonly path: string;
  /** Where the person types the code. */
  readonly page: string;
}

/** Device authorization (RFC 8628): where a device asks for its codes, and the page on which a person lets it in. */
export function deviceHandlers(parts: DeviceParts): Record<string, Handler> {
  return {
    [`POST ${parts.path}`]: (request) => ask(request, parts),
    [`GET ${parts.page}`]: (request) => show(request, parts),
    [`POST ${parts.page}`]: async (request) => decide(new URLSearchParams(await readBody(request)), parts),
  };
}

async function ask(request: IncomingMessage, { sandbox, rules, page }: DeviceParts): Promise<Answer> {
  const body = await readBody(request);
  const { 'content-type': contentType, authorization } = request.headers;
  try {
    const asked = parseDeviceRequest({ contentType, authorization, body }, rules);
    const { deviceCode, userCode, expiresInSeconds, intervalSeconds } = sandbox.askForDevice(asked);
    const verification = `${originOf(request)}${page}`;
    return jsonAnswer(200, {
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: verification,
      verification_uri_complete: `${verification}?user_code=${userCode}`,
      expires_in: expiresInSeconds,
      interval: intervalSeconds,
    });
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    return errorAnswer(error.status, error.code, error.message);
  }
}

function show(request: IncomingMessage, { sandbox, rules, page }: DeviceParts): Answer {
  const userCode = new URLSearchParams((request.url ?? '').split('?', 2)[1]).get('user_code') ?? '';
  const waiting = userCode === '' ? undefined : sandbox.waitingDevice(userCode);
  return html(200, devicePage({ provider: rules.provider, path: page, userCode, scope: waiting?.scope }));
}

function decide(form: URLSearchParams, { sandbox }: DeviceParts): Answer {
  const allowed = form.get('decision') === 'allow';
  if (!sandbox.decideDevice(form.get('user_code') ?? '', allowed)) {
    return html(400, refusalPage('user_code: no device waits for this code; look at the device again.'));
  }
  return html(200, resultPage(allowed ? 'The device is let in.' : 'The device is not let in.'));
}
