import type { Command } from '../failure/command.ts';

/** The step of the lanes. */
export function lanesCreated(lanes: number): string {
  return lanes === 1 ? '1 published secret created' : `${lanes} published secrets created`;
}

/** One step of a command, as it is shown to the operator. */
export interface CommandStep {
  readonly step: string;
  readonly ok: boolean;
  /** Why not, or what comes of it; never a secret. */
  readonly detail?: string;
  /** The command at the end of `detail`, as data. */
  readonly command?: Command;
}
