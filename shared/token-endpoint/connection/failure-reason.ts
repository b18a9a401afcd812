import { type ForeignCode, isForeignCode, type OwnReason } from '../../failure/reasons.ts';

/**
 * A reason code from a socket, TLS or HTTP parser error: its own `code` (`ECONNRESET`, `CERT_HAS_EXPIRED`,
 * `HPE_INVALID_CONSTANT`) if it is a plain one, else `otherwise`. Never its message, which may quote bytes of
 * the answer (I7).
 */
export function failureReason<Otherwise extends OwnReason>(
  error: unknown,
  otherwise: Otherwise,
): ForeignCode | Otherwise {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return isForeignCode(code) ? code : otherwise;
}
