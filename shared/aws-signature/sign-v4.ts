// The hash that the SDK's own clients sign with: a bundle that has one of them has both already.
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';

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

/**
 * The headers of a request signed by Signature Version 4: those given, and those that the signature needs but for
 * `host`, which the HTTP client sends. For all services but S3, which encodes paths otherwise.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export async function signV4(
  { method, url, headers, body }: RequestToSign,
  { nowMs, ...scope }: SigningScope,
): Promise<Record<string, string>> {
  const signer = new SignatureV4({ ...scope, sha256: Sha256, applyChecksum: false });
  const request = {
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: queryOf(url),
    headers: { ...headers, host: url.host },
    body,
  };
  const signed = await signer.sign(request, { signingDate: new Date(nowMs) });
  const { host: _, ...sent } = signed.headers;
  return sent;
}

function queryOf({ searchParams }: URL): Record<string, string[]> {
  return Object.fromEntries([...searchParams.keys()].map((name) => [name, searchParams.getAll(name)]));
}
