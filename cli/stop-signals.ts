/** The process, as far as signals go. */
interface Signalled {
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  exit(code: number): void;
  readonly stderr: { write(text: string): unknown };
}

/**
 * What Ctrl+C and SIGTERM do: a command that runs until it is told to end, ends; at any other moment the program ends
 * with one sentence. A second signal ends it whatever it does.
 */
export function stopSignals(process: Signalled): { untilStopped(): Promise<void> } {
  let stop: (() => void) | undefined;
  const onSignal = () => {
    if (stop) {
      stop();
      stop = () => process.exit(1);
      return;
    }
    process.stderr.write(`${STOPPED}\n`);
    process.exit(1);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  return {
    untilStopped: () =>
      new Promise((resolve) => {
        stop = resolve;
      }),
  };
}

const STOPPED =
  'renova: stopped. What was sent already may have happened: look with renova status before you repeat it.';
