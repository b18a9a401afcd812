/**
 * IANA's HTTP Authentication Schemes (2026-11), as they are spelt there.
 * @see https://www.iana.org/assignments/http-authschemes
 */
const REGISTERED =
  `Basic Bearer Concealed Digest DPoP GNAP HOBA Mutual Negotiate OAuth PrivateToken SCRAM-SHA-1
  SCRAM-SHA-256 vapid`.split(/\s+/);

/** The scheme of `Authorization` for a token of this type: `Bearer` for all that is no registered scheme (RFC 6750 §2.1). */
export function authScheme(tokenType: string): string {
  const name = tokenType.toLowerCase();
  return REGISTERED.find((scheme) => scheme.toLowerCase() === name) ?? 'Bearer';
}
