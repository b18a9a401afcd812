import type { IncomingMessage } from 'node:http';
import { type Answer, readBody } from './http-answer.ts';
import { html, loginPage, refusalPage } from './login-page.ts';
import type { ProviderRules } from './rules.ts';
import type { Sandbox } from './sandbox.ts';
import type { Handler } from './sandbox-routes.ts';

interface AuthorizeParts {
  readonly sandbox: Sandbox;
  readonly rules: ProviderRules;
}

/** An authorization request that may be put before a person. */
interface AuthorizationRequest {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state: string | undefined;
  readonly scope: string;
  readonly challenge: string | undefined;
}

type Judged =
  | { readonly kind: 'ask'; readonly request: AuthorizationRequest }
  /** Told to the person: the client cannot be trusted with a redirect (RFC 6749 §4.1.2.1). */
  | { readonly kind: 'page'; readonly message: string }
  | { readonly kind: 'redirect'; readonly to: string };

/**
 * The authorization endpoint (RFC 6749 §4.1.1, RFC 7636 §4.3): a page that asks the person, and the redirect that
 * carries the answer. Whoever opens it is the person: there is nothing to type.
 */
export function authorizeHandlers(path: string, parts: AuthorizeParts): Record<string, Handler> {
  return {
    [`GET ${path}`]: (request) => ask(queryOf(request), parts, path),
    [`POST ${path}`]: async (request) => decide(new URLSearchParams(await readBody(request)), parts),
  };
}

function queryOf(request: IncomingMessage): URLSearchParams {
  return new URLSearchParams((request.url ?? '').split('?', 2)[1]);
}

function ask(parameters: URLSearchParams, parts: AuthorizeParts, path: string): Answer {
  const judged = judge(parameters, parts);
  if (judged.kind !== 'ask') return refused(judged);
  const { scope } = judged.request;
  return html(200, loginPage({ provider: parts.rules.provider, path, scope, hidden: [...parameters] }));
}

function decide(parameters: URLSearchParams, parts: AuthorizeParts): Answer {
  const judged = judge(parameters, parts);
  if (judged.kind !== 'ask') return refused(judged);
  const { clientId, redirectUri, state, scope, challenge } = judged.request;
  if (parameters.get('decision') !== 'allow') {
    return redirect(answerTo(redirectUri, { error: 'access_denied', state }));
  }
  const code = parts.sandbox.authorize({ clientId, redirectUri, scope, challenge });
  return redirect(answerTo(redirectUri, { code, state, ...parts.rules.redirectMembers }));
}

function judge(parameters: URLSearchParams, { sandbox, rules }: AuthorizeParts): Judged {
  const given = (name: string) => parameters.get(name) || undefined;
  const clientId = given('client_id') ?? '';
  const client = sandbox.clientForLogin(clientId);
  if (!client) return { kind: 'page', message: 'client_id: not that of a registered client.' };
  const redirectUri = given('redirect_uri') ?? '';
  if (!isLoopbackRedirect(redirectUri)) {
    return { kind: 'page', message: 'redirect_uri: expected http to 127.0.0.1, [::1] or localhost.' };
  }
  const state = given('state');
  const wrong = (error: string, description: string): Judged => ({
    kind: 'redirect',
    to: answerTo(redirectUri, { error, error_description: description, state }),
  });
  if (given('response_type') !== 'code') {
    return wrong('unsupported_response_type', 'response_type: expected code');
  }
  const challenge = given('code_challenge');
  const method = given('code_challenge_method') ?? (challenge === undefined ? 'S256' : 'plain');
  if (method !== 'S256') return wrong('invalid_request', 'code_challenge_method: expected S256');
  if (client.isPublic && challenge === undefined) {
    return wrong('invalid_request', 'code_challenge: missing; a client without a secret needs it');
  }
  const scope = given('scope');
  if (!rules.grants.includes('authorization_code')) {
    return wrong('unauthorized_client', 'response_type: nobody logs in with a browser here');
  }
  const known = new Set(client.scope.split(' '));
  const asked = scope?.split(' ').filter((name) => name !== '') ?? [];
  if (!asked.every((name) => known.has(name))) {
    return wrong('invalid_scope', 'scope: expected no more than the client was registered for');
  }
  const granted = asked.length === 0 ? client.scope : asked.join(' ');
  return { kind: 'ask', request: { clientId, redirectUri, state, scope: granted, challenge } };
}

/** Any port of loopback, as RFC 8252 §7.3 has it: nothing that a person allows here leaves this machine. */
function isLoopbackRedirect(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname) && !url.hash;
}

function answerTo(redirectUri: string, members: Readonly<Record<string, string | undefined>>): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(members)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url.href;
}

function refused(judged: Exclude<Judged, { kind: 'ask' }>): Answer {
  return judged.kind === 'page' ? html(400, refusalPage(judged.message)) : redirect(judged.to);
}

function redirect(to: string): Answer {
  return { status: 302, headers: { Location: to, 'Cache-Control': 'no-store' }, body: '' };
}
