import type { IncomingHttpHeaders } from 'node:http';

/** An answer of HTTP/1 as its bytes say it, as far as they came. */
export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names; of a header that comes twice the first counts, and lists are joined. */
  readonly headers: IncomingHttpHeaders;
  /** What the head calls the body: as long as it says, its chunks joined. */
  readonly body: Buffer;
  /** Everything after the head, in case that the head is wrong about it. */
  readonly unframed: Buffer;
  /** By the head, nothing more comes. */
  readonly complete: boolean;
}

const STATUS_LINE = /(?:^|\n)HTTP\/\d(?:\.\d)?[ \t]+(\d{3})(?!\d)/i;
/** A status line that has not come by then does not come. */
const MAX_PREAMBLE = 4096;
const HEADER = /^([^\s:]+)[ \t]*:[ \t]*(.*)$/;
/** No header begins so: the blank line before the body was forgotten. */
const BODY_LINE = /^[{["<]/;

/**
 * Reads an answer off the wire as it is, and not as RFC 9112 wants it: bytes that arrived are read, whatever the head
 * says about them, because by then the refresh token may be spent. Bare line feeds, folded and broken header lines,
 * heads of any size, headers that contradict each other, interim answers (1xx) and no head at all before a JSON object
 * are understood. Undefined while there is no final status line. Pure.
 */
export function readHttpAnswer(bytes: Buffer): HttpAnswer | undefined {
  let from = 0;
  for (;;) {
    const status = STATUS_LINE.exec(bytes.toString('latin1', from, from + MAX_PREAMBLE));
    if (!status) return from === 0 ? headless(bytes) : undefined;
    const code = Number(status[1]);
    const { headers, end } = readHead(bytes, from + status.index + status[0].length);
    const isInterim = code >= 100 && code < 200 && code !== 101;
    if (!isInterim) return { status: code, headers, ...framed(bytes.subarray(end), code, headers) };
    if (end >= bytes.length) return undefined;
    from = end;
  }
}

/** HTTP/0.9, or a head that got lost: only what begins as an answer in JSON does is taken for one. */
function headless(bytes: Buffer): HttpAnswer | undefined {
  const isJson = /^[\s\ufeff]*[{[]\s*["{]/.test(bytes.toString('utf8', 0, 64));
  return isJson ? { status: 200, headers: {}, body: bytes, unframed: bytes, complete: false } : undefined;
}

/** The headers from the end of the status code on, and where the body begins. */
function readHead(bytes: Buffer, statusEnd: number): { headers: IncomingHttpHeaders; end: number } {
  const lines: string[] = [];
  let at = endOfLine(bytes, statusEnd);
  while (at < bytes.length) {
    const next = endOfLine(bytes, at);
    const line = bytes.toString('latin1', at, next).replace(/\r*\n$/, '');
    if (BODY_LINE.test(line)) break;
    at = next;
    if (line === '') break;
    if (/^[ \t]/.test(line) && lines.length > 0) lines.push(`${lines.pop()} ${line.trim()}`);
    else lines.push(line);
  }
  return { headers: headersOf(lines), end: at };
}

function endOfLine(bytes: Buffer, at: number): number {
  const feed = bytes.indexOf(0x0a, at);
  return feed < 0 ? bytes.length : feed + 1;
}

/** Of these, several can be true together. */
const LISTS: ReadonlySet<string> = new Set(['content-encoding', 'transfer-encoding', 'content-length']);

function headersOf(lines: readonly string[]): IncomingHttpHeaders {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name = '', value = ''] = HEADER.exec(line) ?? [];
    const key = name.toLowerCase();
    const before = headers.get(key);
    if (before === undefined) headers.set(key, value.trim());
    else if (LISTS.has(key)) headers.set(key, `${before}, ${value.trim()}`);
  }
  headers.delete('');
  return Object.fromEntries(headers);
}

function framed(
  rest: Buffer,
  status: number,
  headers: IncomingHttpHeaders,
): Pick<HttpAnswer, 'body' | 'unframed' | 'complete'> {
  const chunks = headers['transfer-encoding']?.toLowerCase().includes('chunked')
    ? joinChunks(rest)
    : undefined;
  if (chunks) return { ...chunks, unframed: rest };
  const length = status === 204 || status === 304 ? 0 : statedLength(headers);
  // Where the length is wrong, what came beyond it is the only copy there is.
  if (length === undefined) return { body: rest, unframed: rest, complete: false };
  return { body: rest.subarray(0, length), unframed: rest, complete: rest.length >= length };
}

/** Undefined if there is none, or several that differ: then the end of the connection decides. */
function statedLength(headers: IncomingHttpHeaders): number | undefined {
  const lengths = new Set(headers['content-length']?.split(',').map((length) => length.trim()));
  const [only = ''] = lengths;
  return lengths.size === 1 && /^\d{1,9}$/.test(only) ? Number(only) : undefined;
}

const CHUNK_SIZE = /^[ \t]*([0-9a-f]{1,8})[ \t]*(?:;[^\n]*)?\r?$/i;

/** The chunks (RFC 9112 §7.1) as far as they are in order; undefined if the first line is not the size of one. */
export function joinChunks(bytes: Buffer): Pick<HttpAnswer, 'body' | 'complete'> | undefined {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const feed = bytes.indexOf(0x0a, at);
    const line = bytes.toString('latin1', at, feed < 0 ? Math.min(bytes.length, at + 64) : feed);
    const size = CHUNK_SIZE.exec(line)?.[1];
    if (feed < 0 || size === undefined) {
      const isBegun = feed < 0 && /^[ \t]*[0-9a-f]{0,8}[ \t;\r]*$/i.test(line);
      if (chunks.length === 0 && !isBegun) return undefined;
      return { body: Buffer.concat(chunks), complete: false };
    }
    const length = Number.parseInt(size, 16);
    if (length === 0) return { body: Buffer.concat(chunks), complete: true };
    const start = feed + 1;
    chunks.push(bytes.subarray(start, start + length));
    if (start + length >= bytes.length) return { body: Buffer.concat(chunks), complete: false };
    // The line end behind the chunk; some forget it.
    at = start + length;
    if (bytes[at] === 0x0d) at += 1;
    if (bytes[at] === 0x0a) at += 1;
  }
}

/** A body with lines left in it that look like sizes of chunks, without them. */
export function withoutChunkLines(text: string): string {
  return text.replaceAll(/(?:^|\r\n)[0-9a-fA-F]{1,8}[ \t]*(?:;[^\r\n]*)?\r\n/g, '');
}
