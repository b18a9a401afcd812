import { createWriteStream } from 'node:fs';
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { dataFolder } from '../data/data-folder.ts';

/** Where functions print, and how much. */
export interface FunctionLog {
  readonly output: Writable;
  /** A level of Powertools. */
  readonly level: string;
}

/**
 * What functions print goes to `renova.log` in the data folder, warnings and worse. Without a folder it
 * goes nowhere. `RENOVA_LOG_LEVEL` asks for another level, and then, without a folder, on standard error.
 */
export function openFunctionLog(
  data: string | undefined,
  variables: NodeJS.ProcessEnv,
  opened: AsyncDisposableStack,
): FunctionLog {
  const asked = variables.RENOVA_LOG_LEVEL;
  if (data === undefined) {
    if (asked) return { output: process.stderr, level: asked };
    return { output: discarding(), level: 'SILENT' };
  }
  const file = createWriteStream(dataFolder(data).log, { flags: 'a', mode: 0o600 });
  // A full disk must not end the stack: what is lost is a log line.
  file.on('error', () => undefined);
  opened.defer(async () => {
    file.end();
    await finished(file).catch(() => undefined);
  });
  return { output: file, level: asked ?? 'WARN' };
}

function discarding(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}
