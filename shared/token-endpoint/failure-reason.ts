const ERROR_CODE = /^[A-Z][A-Z0-9_]{1,63}$/;

/**
 * A reason code from a socket, TLS or HTTP parser error: its own `code` (`ECONNRESET`, `CERT_HAS_EXPIRED`,
 * `HPE_INVALID_CONSTANT`) if it is a plain one, else `otherwise`. Never its message, which may quote bytes of
 * the answer (I7).
 */
export function failureReason(error: unknown, otherwise: string): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && ERROR_CODE.test(code) ? code : otherwise;
}
