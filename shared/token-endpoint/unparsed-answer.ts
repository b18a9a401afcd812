import type { FailureReason } from '../failure/reasons.ts';
import type { RawAnswer } from './token-response.ts';

const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})\b/;
const END_OF_HEAD = '\r\n\r\n';

/**
 * The answer that Node's parser refused for its headers (a doubled `Content-Length`, a control character): by then the
 * refresh token is spent, and the body may have come with them (I3). Undefined if the bytes do not begin like an answer
 * or its head has no end. No header is believed, and the body never counts as whole.
 *
 * @param error of the parser, which has what it stumbled over as `rawPacket`.
 */
export function unparsedAnswer(error: unknown, cutOffBy: FailureReason): RawAnswer | undefined {
  const bytes = error instanceof Error && 'rawPacket' in error ? error.rawPacket : undefined;
  if (!Buffer.isBuffer(bytes)) return undefined;
  const status = STATUS_LINE.exec(bytes.subarray(0, 16).toString('latin1'))?.[1];
  const end = bytes.indexOf(END_OF_HEAD);
  if (status === undefined || end < 0) return undefined;
  return { status: Number(status), headers: {}, body: bytes.subarray(end + END_OF_HEAD.length), cutOffBy };
}
