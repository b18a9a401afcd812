/** One step of a command, as it is shown to the operator. */
export interface CommandStep {
  readonly step: string;
  readonly ok: boolean;
  /** Why not, or what comes of it; never a secret. */
  readonly detail?: string;
}
