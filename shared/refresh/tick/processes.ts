import type { AttemptOptions } from '../attempt/attempt.ts';
import type { Invocation, RefreshResult } from '../context.ts';

/** A refresh ended its process or stopped it; `isAlone`: no other refresh was in flight there. */
export interface EndedProcess {
  readonly result: 'ended';
  readonly isAlone: boolean;
}

export interface ProcessOptions extends Pick<AttemptOptions, 'priority'> {
  /** Refreshes at a time in one process. */
  readonly atOnce: number;
}

/** Refreshes credentials in processes of their own: what ends one of them ends nothing else. */
export interface RefreshProcesses {
  /**
   * What `refreshCredential` does, in another process. Undefined: no process can be started. Rejects when a store
   * failed before anything was spent.
   */
  refresh(
    credential: string,
    options: ProcessOptions,
    invocation: Invocation,
  ): Promise<RefreshResult | EndedProcess | undefined>;
  /** Lets the processes end. */
  close(): void;
}
