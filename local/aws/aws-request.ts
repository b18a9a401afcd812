import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Who signed a request is not checked; where it was signed for is part of the answers. */
const CREDENTIAL_SCOPE = /Credential=[^/,\s]+\/\d{8}\/([a-z0-9-]{1,40})\/[a-z0-9-]+\/aws4_request/;

/**
 * The region in the credential scope of an `Authorization` header (Signature Version 4), or undefined if
 * there is no such header. Requiring one keeps web pages out: no page may send it to another origin.
 */
export function signedRegion(authorization: string | undefined): string | undefined {
  return CREDENTIAL_SCOPE.exec(authorization ?? '')?.[1];
}

/** An answer of the AWS endpoint. */
export interface AwsAnswer<Body extends object | string = object | string> {
  readonly status: number;
  /** JSON-able, or JSON already. */
  readonly body: Body;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An error as the JSON protocols write it. Its message never holds what the request held. */
export function awsError(status: number, type: string, message: string): AwsAnswer<object> {
  return { status, body: { __type: type, message, Message: message }, headers: { 'x-amzn-errortype': type } };
}

/** Sends the answer, unless the connection has gone. The content type is the request's JSON version. */
export function sendAws(request: IncomingMessage, response: ServerResponse, answer: AwsAnswer): void {
  if (response.destroyed || response.headersSent) return;
  const { status, body, headers } = answer;
  const asked = request.headers['content-type']?.split(';')[0]?.trim() ?? '';
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, {
    'content-type': asked.startsWith('application/x-amz-json-') ? asked : 'application/json',
    'content-length': Buffer.byteLength(text),
    'x-amzn-requestid': randomUUID(),
    ...headers,
  });
  response.end(text);
}
