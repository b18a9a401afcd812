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
  /** Sent with the request, and signed but for those that proxies change. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/**
 * The headers of a request signed by Signature Version 4: those given, and those that the signature needs but for
 * `host`, which the HTTP client sends. For all services but S3, which encodes paths otherwise.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signV4(
  { method, url, headers, body }: RequestToSign,
  { credentials, region, service, nowMs }: SigningScope,
): Record<string, string> {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const time = `${new Date(nowMs).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
  const sent: Record<string, string> = { ...headers, 'x-amz-date': time };
  if (sessionToken) sent['x-amz-security-token'] = sessionToken;

  const canonical = canonicalHeaders({ ...sent, host: url.host });
  const names = canonical.map(([name]) => name).join(';');
  const request = [
    method.toUpperCase(),
    canonicalPath(url),
    canonicalQuery(url),
    ...canonical.map((header) => header.join(':')),
    '',
    names,
    sha256(body ?? ''),
  ].join('\n');

  const day = time.slice(0, 8);
  const scope = `${day}/${region}/${service}/aws4_request`;
  const key = signingKey(secretAccessKey, scope);
  const signature = hmac(key, [ALGORITHM, time, scope, sha256(request)].join('\n')).toString('hex');
  sent.authorization = `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return sent;
}

/** Proxies and HTTP clients change these, or add them. */
const UNSIGNED = new Set(
  `authorization cache-control connection expect from keep-alive max-forwards pragma referer te trailer
   transfer-encoding upgrade user-agent x-amzn-trace-id`.split(/\s+/),
);

function canonicalHeaders(headers: Readonly<Record<string, string>>): [name: string, value: string][] {
  return Object.entries(headers)
    .map(([name, value]): [string, string] => [name.toLowerCase(), value.trim().replace(/\s+/g, ' ')])
    .filter(([name]) => !UNSIGNED.has(name) && !/^(?:proxy|sec)-/.test(name))
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

/** The path as it is sent, encoded once more. `URL` has taken out its dot segments. */
function canonicalPath({ pathname }: URL): string {
  const segments = pathname.split('/').filter((segment, at, all) => segment !== '' || at === all.length - 1);
  return `/${segments.map(encoded).join('/')}`;
}

function canonicalQuery({ searchParams }: URL): string {
  return [...searchParams]
    .map((pair) => pair.map(encoded))
    .sort((one, other) => compared(one[0], other[0]) || compared(one[1], other[1]))
    .map((pair) => pair.join('='))
    .join('&');
}

/** RFC 3986: all but the unreserved characters. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function compared(one = '', other = ''): number {
  return one === other ? 0 : one < other ? -1 : 1;
}

/** The key that was derived last: it is good for a day, and most processes sign for one service. */
let latest: { readonly secretAccessKey: string; readonly scope: string; readonly key: Buffer } | undefined;

function signingKey(secretAccessKey: string, scope: string): Buffer {
  if (latest?.secretAccessKey !== secretAccessKey || latest.scope !== scope) {
    const [day = '', ...rest] = scope.split('/');
    const key = rest.reduce(hmac, hmac(`AWS4${secretAccessKey}`, day));
    latest = { secretAccessKey, scope, key };
  }
  return latest.key;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
