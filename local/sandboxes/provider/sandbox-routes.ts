import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import * as v from 'valibot';
import { faultOrderSchema } from './faults.ts';
import { isAddressOrNetwork } from './gate.ts';
import { type Answer, BodyTooLongError, errorAnswer, jsonAnswer, readBody, send } from './http-answer.ts';
import { BodyError, missingOrNoObject, parseJsonBody } from './json-body.ts';
import type { Sandbox } from './sandbox.ts';

/** Answers a request of one method and path. */
export type Handler = (request: IncomingMessage) => Answer | Promise<Answer>;

/** What every sandbox has beside its token endpoint: a protected resource, counters, faults. */
export interface SandboxDoors
  extends Pick<Sandbox, 'orderFaults' | 'openResource' | 'refuseAtGate' | 'enterAddresses'> {
  stats(): object;
}

/** The routes of {@link SandboxDoors} under `prefix`, by method and path. */
export function sandboxRoutes(prefix: string, sandbox: SandboxDoors): Record<string, Handler> {
  return {
    [`GET ${prefix}/resource`]: (request) =>
      refuseAtGate(request, sandbox) ?? answerResource(request, sandbox),
    [`GET ${prefix}/_sandbox/stats`]: () => jsonAnswer(200, sandbox.stats()),
    [`POST ${prefix}/_sandbox/faults`]: async (request) => {
      sandbox.orderFaults(parseJsonBody(await readBody(request), faultOrderSchema));
      return jsonAnswer(200, {});
    },
    [`POST ${prefix}/_sandbox/addresses`]: async (request) => {
      sandbox.enterAddresses(parseJsonBody(await readBody(request), addressesSchema).addresses);
      return jsonAnswer(200, {});
    },
  };
}

const ADDRESSES = 'expected a list of addresses or networks (192.0.2.0/24)';
const addressesSchema = v.object(
  { addresses: v.array(v.pipe(v.string(ADDRESSES), v.check(isAddressOrNetwork, ADDRESSES)), ADDRESSES) },
  missingOrNoObject,
);

/**
 * The 403 of whom the provider does not let in, which is no answer of its OAuth server; undefined for everybody else.
 * Not counted for any quota: a gateway stands before what counts.
 */
export function refuseAtGate(
  request: IncomingMessage,
  sandbox: Pick<SandboxDoors, 'refuseAtGate'>,
): Answer | undefined {
  const refusal = sandbox.refuseAtGate(request);
  return refusal === undefined ? undefined : jsonAnswer(403, { message: `Forbidden. ${refusal}` });
}

/** The access token that a request carries, if it carries one. */
export function bearerOf(request: IncomingMessage): string | undefined {
  return /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
}

/** The 401 of RFC 6750 §3.1. */
export function deadToken(): Answer {
  return errorAnswer(
    401,
    'invalid_token',
    'Authorization: expected Bearer with an access token that is alive',
    { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
  );
}

export interface ListenerParts {
  /** Says whom the token endpoint lets in. */
  readonly gate: Pick<SandboxDoors, 'refuseAtGate'>;
  readonly handlers: Readonly<Record<string, Handler>>;
  isTokenPath(path: string): boolean;
  answerToken(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Told when the sandbox itself broke (`code` as in Node's errors). */
  onFailure(code: string): void;
}

/** A listener that never rejects and never throws. */
export function sandboxListener(parts: ListenerParts): RequestListener {
  return async (request, response) => {
    try {
      const path = (request.url ?? '').split('?', 1)[0] ?? '';
      if (parts.isTokenPath(path)) {
        const refusal = refuseAtGate(request, parts.gate);
        return refusal ? send(response, refusal) : await parts.answerToken(request, response);
      }
      send(response, await (parts.handlers[`${request.method} ${path}`] ?? notFound)(request));
    } catch (error) {
      // A client that left while it was read is no failure of the sandbox's, and nobody is there to be told.
      if (request.errored) return;
      send(response, failure(error, parts));
    }
  };
}

const notFound: Handler = () =>
  errorAnswer(404, 'not_found', 'no such route; see docs/reference.md, Local stack');

function answerResource(request: IncomingMessage, sandbox: SandboxDoors): Answer {
  return sandbox.openResource(bearerOf(request)) ? jsonAnswer(200, { status: 'ok' }) : deadToken();
}

function failure(error: unknown, { onFailure }: ListenerParts): Answer {
  if (error instanceof BodyError) return errorAnswer(400, error.code, error.message);
  if (error instanceof BodyTooLongError) {
    return errorAnswer(413, 'invalid_request', error.message, { Connection: 'close' });
  }
  onFailure(error instanceof Error && 'code' in error ? String(error.code) : 'internal');
  return errorAnswer(500, 'server_error', 'the sandbox could not process the request; nothing was changed');
}
