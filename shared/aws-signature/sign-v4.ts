import { createHash, createHmac } from 'node:crypto';

/** Credentials of a role or user; with a session token when they are temporary. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface SigningScope {
  readonly credentials: AwsCredentials;
  readonly region: string;
  /** The service's signing name, such as `execute-api`. */
  readonly service: string;
  /** The time of the signature (epoch ms); AWS takes it for five minutes. */
  readonly nowMs: number;
}

export interface RequestToSign {
  readonly method: string;
  readonly url: URL;
  /** Sent with the request and left unsigned, but for `content-type`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/**
 * The headers of a request signed by Signature Version 4: those given, and those that the signature needs. For all
 * services but S3, which encodes paths otherwise.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signV4(request: RequestToSign, scope: SigningScope): Record<string, string> {
  const { credentials, region, service, nowMs } = scope;
  const date = `${new Date(nowMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
  const signed = signedHeaders(request, date, credentials);
  const names = Object.keys(signed).join(';');
  const scopeName = [date.slice(0, 8), region, service, 'aws4_request'].join('/');
  const text = [ALGORITHM, date, scopeName, sha256(canonicalRequest(request, signed, names))].join('\n');
  const signature = createHmac('sha256', signingKey(scope, date)).update(text).digest('hex');
  const authorization = `${ALGORITHM} Credential=${credentials.accessKeyId}/${scopeName}, SignedHeaders=${names}, Signature=${signature}`;
  const { host: _, ...sent } = signed;
  return { ...lowerCased(request.headers), ...sent, authorization };
}

/** In the order of their names, as the signature lists them. */
function signedHeaders({ url, headers }: RequestToSign, date: string, { sessionToken }: AwsCredentials) {
  const contentType = lowerCased(headers)['content-type'];
  return {
    ...(contentType === undefined ? {} : { 'content-type': contentType }),
    host: url.host,
    'x-amz-date': date,
    ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
  };
}

function canonicalRequest({ method, url, body = '' }: RequestToSign, signed: object, names: string): string {
  const headers = Object.entries(signed).map(([name, value]) => `${name}:${String(value).trim()}\n`);
  // Encoded once more: what the URL holds is encoded already.
  const path = url.pathname.split('/').map(encoded).join('/');
  return [method.toUpperCase(), path, canonicalQuery(url), headers.join(''), names, sha256(body)].join('\n');
}

function canonicalQuery({ searchParams }: URL): string {
  const pairs = [...searchParams].map(([name, value]) => [encoded(name), encoded(value)] as const);
  return pairs
    .sort(([name, value], [otherName, otherValue]) => compare(name, otherName) || compare(value, otherValue))
    .map((pair) => pair.join('='))
    .join('&');
}

function signingKey({ credentials, region, service }: SigningScope, date: string): Buffer {
  const parts = [date.slice(0, 8), region, service, 'aws4_request'];
  return parts.reduce(
    (key, part) => createHmac('sha256', key).update(part).digest(),
    Buffer.from(`AWS4${credentials.secretAccessKey}`),
  );
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

/** RFC 3986: all but unreserved characters. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function lowerCased(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
