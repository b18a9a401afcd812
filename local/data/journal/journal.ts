import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { readEntries } from './journal-lines.ts';

/**
 * An append-only record of what an emulator has promised: whatever {@link Journal.append} returned for is
 * there again after a restart, also after `kill -9` (the write has reached the kernel by then).
 */
export interface Journal<Entry> {
  /** What the file held when it was opened, oldest first. The journal keeps no copy of later entries. */
  readonly entries: readonly Entry[];
  /**
   * Adds one entry, synchronously. Throws the file system's error (disk full, closed journal) and then
   * leaves the file as it was, so that a refused entry never comes back.
   */
  append(entry: Entry): void;
  /**
   * Replaces the whole file by `entries` (compaction): after a crash or an error either the old
   * or the new file is there, whole.
   */
  rewrite(entries: Iterable<Entry>): void;
  /** Closes the file; every later call throws. */
  close(): void;
}

/** How a journal is opened. */
export interface JournalOptions {
  /** Also flush every append to the disk, to survive a power cut and not only a crash. Off by default. */
  fsync?: boolean;
}

/**
 * Opens the journal at `path`, creating it (owner-only, as are its folders) when absent. One JSON value a
 * line; a last line without its line feed was never acknowledged and is cut off. One process at a time.
 * Throws {@link JournalCorruptError} for any other line that is not JSON.
 */
export function openJournal<Entry>(path: string, { fsync = false }: JournalOptions = {}): Journal<Entry> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  let file = openSync(path, 'a+', 0o600);
  let entries: readonly Entry[];
  try {
    const content = readFileSync(path);
    const read = readEntries<Entry>(content, path);
    entries = read.entries;
    if (read.validBytes < content.length) ftruncateSync(file, read.validBytes);
    if (fsync) syncDirectory(dirname(path));
  } catch (error) {
    closeSync(file);
    throw error;
  }

  return {
    entries,
    append(entry) {
      appendWhole(file, lineOf(entry));
      if (fsync) fsyncSync(file);
    },
    rewrite(replacement) {
      const replacementPath = `${path}.new`;
      rmSync(replacementPath, { force: true });
      const replacementFile = openSync(replacementPath, 'ax', 0o600);
      try {
        for (const entry of replacement) writeWhole(replacementFile, lineOf(entry));
        fsyncSync(replacementFile);
        renameSync(replacementPath, path);
      } catch (error) {
        closeSync(replacementFile);
        throw error;
      }
      closeSync(file);
      file = replacementFile;
      if (fsync) syncDirectory(dirname(path));
    },
    close() {
      closeSync(file);
      // A closed descriptor number may be given to another file; -1 makes every later use fail.
      file = -1;
    },
  };
}

function lineOf(entry: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(entry)}\n`);
}

/** Half a line in the middle of the file would spoil the next one, so a failed append takes back its bytes. */
function appendWhole(file: number, line: Buffer): void {
  const sizeBefore = fstatSync(file).size;
  try {
    writeWhole(file, line);
  } catch (error) {
    ftruncateSync(file, sizeBefore);
    throw error;
  }
}

/** A write may be short (a nearly full disk); the rest follows or fails. */
function writeWhole(file: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
}

function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
