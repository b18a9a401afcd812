import { createPrivateKey, type JsonWebKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { Secret } from '../../secret/secret.ts';

/** A private key, with what a JWK says of itself. */
export interface PrivateKey {
  readonly key: KeyObject;
  readonly keyId?: string;
  readonly algorithm?: string;
}

/** A key in PEM (PKCS #8, PKCS #1 or SEC 1, not encrypted) or as a JWK; undefined if it is neither. Never throws. */
export function readPrivateKey(secret: Secret): PrivateKey | undefined {
  const text = secret.reveal().trim();
  return attempted(() => {
    if (!text.startsWith('{')) return { key: createPrivateKey(text) };
    const jwk: JsonWebKey & { readonly kid?: unknown; readonly alg?: unknown } = JSON.parse(text);
    return {
      key: createPrivateKey({ key: jwk, format: 'jwk' }),
      ...(typeof jwk.kid === 'string' && { keyId: jwk.kid }),
      ...(typeof jwk.alg === 'string' && { algorithm: jwk.alg }),
    };
  });
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const PRIVATE_KEY = /-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY)-----[^-]+-----END \1-----/;

/** The certificates of a PEM text, each of which can be read; undefined if there is none, or one that cannot. */
export function readCertificates(pem: string): readonly X509Certificate[] | undefined {
  const blocks = pem.match(CERTIFICATE);
  if (blocks === null) return undefined;
  return attempted(() => blocks.map((block) => new X509Certificate(block)));
}

/** When the certificate of a client ends (epoch ms); undefined: there is none that can be read. Never throws. */
export function certificateEndMs(pem: string | undefined): number | undefined {
  const [own] = (pem === undefined ? undefined : readCertificates(pem)) ?? [];
  return own && Date.parse(own.validTo);
}

/** The private key that lies in a PEM text beside certificates, if there is one. */
export function privateKeyIn(pem: string): string | undefined {
  return PRIVATE_KEY.exec(pem)?.[0];
}

function attempted<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
