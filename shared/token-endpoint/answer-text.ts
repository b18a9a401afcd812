import { brotliDecompressSync, constants, inflateRawSync, unzipSync } from 'node:zlib';

/** How much of an answer is read and kept (I3); a token response is a few KiB at most. */
export const MAX_BODY_BYTES = 64 * 1024;

/** An answer that unpacks to more than this is not a token response. */
const MAX_UNPACKED_BYTES = 1024 * 1024;

/** Control characters: a text has none, and packed bytes soon have one. */
const NOT_TEXT = /[^\P{Cc}\t\r\n]/u;

/**
 * The text of an answer's body, whatever was done to it: unpacked if a proxy compressed it unasked, as far as
 * it came; UTF-8 without its byte order mark, UTF-16 if its byte order mark says so, or else Latin-1 (so no byte is
 * ever replaced, and tokens, which are ASCII by RFC 6749 appendix A, read the same either way).
 */
export function answerText(body: Uint8Array, contentEncoding: string | undefined): string {
  const bytes = unpacked(body, contentEncoding).subarray(0, MAX_BODY_BYTES);
  return utf8(bytes) ?? utf16(bytes) ?? Buffer.from(bytes).toString('latin1');
}

/** The header names what was done, and not always truly: text is left alone, and gzip shows by its first bytes. */
function unpacked(body: Uint8Array, contentEncoding = ''): Uint8Array {
  const encodings = contentEncoding.toLowerCase();
  if (isText(body)) return body;
  const isGzip = body[0] === 0x1f && body[1] === 0x8b;
  if (isGzip) return tried(() => unzipSync(body, ZLIB)) ?? body;
  // The format of that name is zlib's (RFC 9110 §8.4.1.2), and there are servers that send it without its frame.
  if (encodings.includes('deflate')) {
    return tried(() => unzipSync(body, ZLIB)) ?? tried(() => inflateRawSync(body, ZLIB)) ?? body;
  }
  return (encodings.includes('br') && tried(() => brotliDecompressSync(body, BROTLI))) || body;
}

// Flush: give what could be unpacked when the end is missing.
const ZLIB = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MAX_UNPACKED_BYTES };
const BROTLI = { finishFlush: constants.BROTLI_OPERATION_FLUSH, maxOutputLength: MAX_UNPACKED_BYTES };

function tried(unpack: () => Uint8Array): Uint8Array | undefined {
  try {
    return unpack();
  } catch {
    return undefined;
  }
}

function isText(bytes: Uint8Array): boolean {
  const text = utf8(bytes);
  return text !== undefined && !NOT_TEXT.test(text);
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    // `stream` forgives a character that is cut in two at the very end, and nothing else.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}

function utf16(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return undefined;
}
