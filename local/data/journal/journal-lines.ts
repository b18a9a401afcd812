const LINE_FEED = 0x0a;

/** A journal that cannot be read; starting without it would silently forget what was promised. */
export class JournalCorruptError extends Error {
  readonly code = 'journal-corrupt';
  /** The journal file. */
  readonly path: string;
  /** The first unreadable line, counted from 1. */
  readonly line: number;

  constructor(path: string, line: number) {
    super(
      `${path}: line ${line} is not valid JSON. Repair or delete that line, restore the file from a copy, ` +
        'or move the file away to start empty.',
    );
    this.name = 'JournalCorruptError';
    this.path = path;
    this.line = line;
  }
}

/**
 * Reads one JSON value a line. `validBytes` is the length up to and with the last line feed: what follows is
 * the torn last line of a crash, which nobody was told had been written. Throws {@link JournalCorruptError}
 * for a whole line that is not JSON in UTF-8; its message never quotes the line, which may hold a secret.
 */
export function readEntries<Entry>(content: Buffer, path: string): { entries: Entry[]; validBytes: number } {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  const entries: Entry[] = [];
  let start = 0;
  for (let end = content.indexOf(LINE_FEED); end !== -1; end = content.indexOf(LINE_FEED, start)) {
    try {
      entries.push(JSON.parse(utf8.decode(content.subarray(start, end))));
    } catch {
      throw new JournalCorruptError(path, entries.length + 1);
    }
    start = end + 1;
  }
  return { entries, validBytes: start };
}
