import type { KeyObject, webcrypto } from 'node:crypto';
import type { PrivateKey } from './key-material.ts';

type ImportAlgorithm = Parameters<KeyObject['toCryptoKey']>[0];

/** What Web Crypto calls an algorithm of RFC 7518 §3.1 or RFC 8037. */
const ALGORITHMS: Readonly<Record<string, { readonly type: string; readonly web: ImportAlgorithm }>> = {
  RS256: { type: 'rsa', web: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } },
  RS384: { type: 'rsa', web: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-384' } },
  RS512: { type: 'rsa', web: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-512' } },
  PS256: { type: 'rsa', web: { name: 'RSA-PSS', hash: 'SHA-256' } },
  PS384: { type: 'rsa', web: { name: 'RSA-PSS', hash: 'SHA-384' } },
  PS512: { type: 'rsa', web: { name: 'RSA-PSS', hash: 'SHA-512' } },
  ES256: { type: 'ec', web: { name: 'ECDSA', namedCurve: 'P-256' } },
  ES384: { type: 'ec', web: { name: 'ECDSA', namedCurve: 'P-384' } },
  ES512: { type: 'ec', web: { name: 'ECDSA', namedCurve: 'P-521' } },
  EdDSA: { type: 'ed25519', web: { name: 'Ed25519' } },
  Ed25519: { type: 'ed25519', web: { name: 'Ed25519' } },
};

/** The algorithms by which a client assertion can be signed (`client.algorithm`). */
export const ASSERTION_ALGORITHMS: readonly string[] = Object.keys(ALGORITHMS);

const CURVES: Readonly<Record<string, string>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
};

/** The usual algorithm of a key; undefined for a key that can sign no assertion. */
export function usualAlgorithm(key: KeyObject): string | undefined {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return 'RS256';
    case 'ec':
      return CURVES[key.asymmetricKeyDetails?.namedCurve ?? ''];
    case 'ed25519':
      return 'Ed25519';
    default:
      return undefined;
  }
}

/** The key as Web Crypto signs with it; undefined if it does not fit the algorithm. Never throws. */
export function signingKey({ key }: PrivateKey, algorithm: string): webcrypto.CryptoKey | undefined {
  const known = ALGORITHMS[algorithm];
  if (!known || key.asymmetricKeyType !== known.type) return undefined;
  try {
    return key.toCryptoKey(known.web, false, ['sign']);
  } catch {
    return undefined;
  }
}
