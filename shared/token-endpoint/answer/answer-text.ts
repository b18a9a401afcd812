import { brotliDecompressSync, constants, inflateRawSync, unzipSync, zstdDecompressSync } from 'node:zlib';

/** How much of an answer that cannot be understood is kept (I3); a token response is a few KiB at most. */
export const MAX_KEPT_BYTES = 64 * 1024;

/** How much of an answer is read, before and after it is unpacked. */
export const MAX_READ_BYTES = 1024 * 1024;

/** Proxies behind proxies: so many times a body may be packed. */
const MAX_LAYERS = 6;

/** Control characters that a text does not have and packed bytes soon do. */
const NOT_TEXT = /[^\P{Cc}\t\r\n]/u;
const BINARY = /[[\p{Cc}&&\p{ASCII}]--[\t\n\v\f\r]]/v;

export interface AnswerText {
  readonly text: string;
  /** Nothing could make a text of it: packed in a way that is not known, or spoilt. */
  readonly isPacked: boolean;
}

/**
 * The text of an answer's body, whatever was done to it: unpacked if proxies compressed it unasked, once or several
 * times, as far as it came; UTF-8 or UTF-16, by its byte order mark or without one; or else Latin-1 (so no byte is ever
 * replaced, and tokens, which are ASCII by RFC 6749 appendix A, read the same either way).
 */
export function answerText(body: Uint8Array, contentEncoding: string | undefined): AnswerText {
  let bytes = body.subarray(0, MAX_READ_BYTES);
  const encodings = contentEncoding?.toLowerCase() ?? '';
  for (let layer = 0; layer < MAX_LAYERS; layer += 1) {
    const inner = unpacked(bytes, encodings);
    if (inner === undefined) break;
    bytes = inner;
  }
  return decoded(bytes.subarray(0, MAX_READ_BYTES), PACKING.test(encodings));
}

const PACKING = /gzip|deflate|compress|br|zstd/;

/** One layer less; undefined if there is none. The header names what was done, and not always truly. */
function unpacked(bytes: Uint8Array, encodings: string): Uint8Array | undefined {
  if (isText(bytes)) return fromBase64(bytes);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    return tried(() => unzipSync(bytes, ZLIB)) ?? tried(() => unzipSync(withoutEnd(bytes, GZIP_END), ZLIB));
  }
  if (bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd) {
    return tried(() => zstdDecompressSync(bytes, ZSTD));
  }
  // The first two bytes of zlib's frame are a multiple of 31 (RFC 1950 §2.2).
  const [first = 0, second = 0] = bytes;
  const isZlib = (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0;
  // The format of that name is zlib's (RFC 9110 §8.4.1.2), and there are servers that send it without its frame.
  if (isZlib || encodings.includes('deflate')) {
    const inflated =
      tried(() => unzipSync(bytes, ZLIB)) ??
      tried(() => unzipSync(withoutEnd(bytes, ZLIB_END), ZLIB)) ??
      tried(() => inflateRawSync(bytes, ZLIB));
    if (inflated) return inflated;
  }
  return encodings.includes('br') ? tried(() => brotliDecompressSync(bytes, BROTLI)) : undefined;
}

/** Checksum and length (RFC 1952 §2.3.1), checksum (RFC 1950 §2.2): where they are wrong, the content may still be right. */
const GZIP_END = 8;
const ZLIB_END = 4;

function withoutEnd(bytes: Uint8Array, length: number): Uint8Array {
  return bytes.subarray(0, Math.max(0, bytes.length - length));
}

// Flush: give what could be unpacked when the end is missing. What unpacks to more than is read stays packed.
const LIMIT = { maxOutputLength: MAX_READ_BYTES };
const ZLIB = { finishFlush: constants.Z_SYNC_FLUSH, ...LIMIT };
const BROTLI = { finishFlush: constants.BROTLI_OPERATION_FLUSH, ...LIMIT };
const ZSTD = { finishFlush: constants.ZSTD_e_flush, ...LIMIT };

function tried(unpack: () => Uint8Array): Uint8Array | undefined {
  try {
    const inner = unpack();
    return inner.length > 0 ? inner : undefined;
  } catch {
    return undefined;
  }
}

const BASE64 = /^[A-Za-z0-9+/_-]{20,}={0,2}$/;

/** What a gateway encodes because it takes it for binary: only where JSON, or something packed, comes out. */
function fromBase64(bytes: Uint8Array): Uint8Array | undefined {
  const text = Buffer.from(bytes).toString('latin1').trim().replaceAll(/\s+/g, '');
  if (!BASE64.test(text)) return undefined;
  const inner = Buffer.from(text, 'base64');
  const isJson = inner[0] === 0x7b || inner[0] === 0x5b;
  const isGzip = inner[0] === 0x1f && inner[1] === 0x8b;
  return isJson || isGzip ? inner : undefined;
}

function decoded(bytes: Uint8Array, saysPacked: boolean): AnswerText {
  const unicode = utf16(bytes) ?? utf8(bytes);
  const text = unicode ?? Buffer.from(bytes).toString('latin1');
  // A text may have stray control characters, or be padded with zeros; one that is no UTF-8 is in an old encoding.
  const isBinary = unicode === undefined ? BINARY.test(text) : zerosIn(text) > MAX_ZEROS;
  const isPacked = isBinary || (saysPacked && unicode === undefined);
  return { text, isPacked };
}

/** Zeros that a text may have, as a share: UTF-32 has three of four. */
const MAX_ZEROS = 0.4;

function zerosIn(text: string): number {
  const inside = text.replace(/\0+$/, '');
  return inside === '' ? 0 : (inside.split('\0').length - 1) / inside.length;
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

/** By its byte order mark, or by the zero beside nearly every character of what a token response is written in. */
function utf16(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return decodedUtf16('utf-16le', bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return decodedUtf16('utf-16be', bytes);
  if (bytes.length < 4) return undefined;
  const zeros = [0, 0];
  bytes.forEach((byte, index) => {
    if (byte === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
  });
  const [first = 0, second = 0] = zeros.map((count) => count / (bytes.length / 2));
  if (second > 0.8 && first < 0.05) return decodedUtf16('utf-16le', bytes);
  return first > 0.8 && second < 0.05 ? decodedUtf16('utf-16be', bytes) : undefined;
}

/** A character that is cut in two at the end is left out. */
function decodedUtf16(encoding: 'utf-16le' | 'utf-16be', bytes: Uint8Array): string {
  return new TextDecoder(encoding).decode(bytes, { stream: true });
}
