import { closeSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DataFolderError } from './make-folder.ts';

/** The disk of `--data` is full or broken: the stack has stored what was on its way, and ends. */
export class DiskFailedError extends Error {
  override readonly name = 'DiskFailedError';
  readonly code = 'disk-failed';

  constructor(folder: string) {
    super(
      `--data ${folder}: the disk is full or cannot be written to. What was on its way is stored; ` +
        'make room (a few MB) and start again.',
    );
  }
}

/** Room for what is on its way when the disk turns out to be full: rescued pairs are a few KB each. */
const RESERVE_BYTES = 4 * 1024 * 1024;
/** With less than this nothing new is begun. */
const LEAST_FREE_BYTES = 2 * 1024 * 1024;

/** The room that a data folder has left. */
export interface DiskRoom {
  /** True: too little is left to begin anything that must be stored. */
  isShort(): boolean;
  /** Gives up the reserve, so that what is on its way can be stored. Safe to call twice. */
  giveWay(): void;
  close(): void;
}

/**
 * Keeps a reserve in `folder` (a file of zeros), to be given up when a write fails: a pair that a provider has just
 * issued must find room, and there is no asking for it again. Throws `DataFolderError` when there is none to begin with.
 */
export function keepDiskRoom(folder: string): DiskRoom {
  const path = join(folder, '.reserve');
  try {
    writeZeros(path);
  } catch (error) {
    rmSync(path, { force: true });
    throw new DataFolderError(folder, error);
  }
  const release = () => rmSync(path, { force: true });
  return {
    isShort() {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize < LEAST_FREE_BYTES;
    },
    giveWay: release,
    close: release,
  };
}

function writeZeros(path: string): void {
  const file = openSync(path, 'w', 0o600);
  try {
    const zeros = Buffer.alloc(64 * 1024);
    for (let written = 0; written < RESERVE_BYTES; ) written += writeSync(file, zeros);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** A journal or a table that could not be written: calls `onFailure`, and writes once more. */
export function secondTry<Arguments extends unknown[]>(
  write: (...given: Arguments) => void,
  onFailure: () => void,
): (...given: Arguments) => void {
  return (...given) => {
    try {
      write(...given);
    } catch {
      onFailure();
      write(...given);
    }
  };
}
