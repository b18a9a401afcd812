import { brotliDecompressSync, constants, unzipSync } from 'node:zlib';

/** How much of an answer is read and kept (I3); a token response is a few KiB at most. */
export const MAX_BODY_BYTES = 64 * 1024;

/** An answer that unpacks to more than this is not a token response. */
const MAX_UNPACKED_BYTES = 1024 * 1024;

/**
 * The text of an answer's body, whatever was done to it: unpacked if a proxy compressed it unasked, as far as
 * it came; UTF-8 without its byte order mark, or Latin-1 if it is not UTF-8 (so no byte is ever replaced, and
 * tokens, which are ASCII by RFC 6749 appendix A, read the same either way).
 */
export function answerText(body: Uint8Array, contentEncoding: string | undefined): string {
  const bytes = unpacked(body, contentEncoding).subarray(0, MAX_BODY_BYTES);
  try {
    // `stream` forgives a character that is cut in two at the very end, and nothing else.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}

function unpacked(body: Uint8Array, contentEncoding = 'identity'): Uint8Array {
  try {
    switch (contentEncoding.trim().toLowerCase()) {
      case 'gzip':
      case 'x-gzip':
      case 'deflate':
        // Z_SYNC_FLUSH: give what could be unpacked when the end is missing.
        return unzipSync(body, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MAX_UNPACKED_BYTES });
      case 'br':
        return brotliDecompressSync(body, {
          finishFlush: constants.BROTLI_OPERATION_FLUSH,
          maxOutputLength: MAX_UNPACKED_BYTES,
        });
      default:
        return body;
    }
  } catch {
    return body;
  }
}
