import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { realpathSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from './make-folder.ts';

/** Another local stack works in this folder; two would overwrite each other. */
export class DataInUseError extends Error {
  override readonly name = 'DataInUseError';
  readonly code = 'data-in-use';
}

/**
 * Takes `folder` (created, owner-only, when absent) for this process; the function it resolves with gives
 * it back. The sandbox has a lock of its own (`part`), because it may run beside a stack without one.
 *
 * The lock is a socket that somebody listens on, not a file with a process id: the kernel lets go of it
 * whatever way its owner ends, and a process that was killed but not yet reaped holds nothing.
 * Rejects with {@link DataInUseError}, with `DataFolderError`, or with the file system's error.
 */
export async function lockFolder(folder: string, part: 'stack' | 'provider'): Promise<() => Promise<void>> {
  makeFolder(folder);
  const address = lockAddress(realpathSync(folder), part);
  const lock = (await listenOn(address)) ?? (await takeOver(address));
  if (!lock) {
    throw new DataInUseError(
      `--data ${folder} is in use by another local stack: stop it or choose another folder with --data`,
    );
  }
  lock.unref();
  // Closing it removes the socket's file, but a process that exits of its own closes nothing.
  const removeFile = () => rmSync(address, { force: true });
  process.once('exit', removeFile);
  return async () => {
    process.off('exit', removeFile);
    await new Promise((closed) => lock.close(closed));
  };
}

/** A socket's path is short by rule, so it is not in the folder itself. */
function lockAddress(folder: string, part: string): string {
  const name = `renova-${createHash('sha256').update(`${part}:${folder}`).digest('hex').slice(0, 24)}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.lock`);
}

/** Undefined if there is such a socket already, with or without an owner. */
async function listenOn(address: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  server.listen(address);
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return undefined;
    throw error;
  }
}

/** Replaces the socket of a process that has ended without giving it back. */
async function takeOver(address: string): Promise<Server | undefined> {
  if (await isOwned(address)) return undefined;
  rmSync(address, { force: true });
  return listenOn(address);
}

async function isOwned(address: string): Promise<boolean> {
  const probe = connect(address);
  try {
    await once(probe, 'connect');
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED');
  } finally {
    probe.destroy();
  }
}
