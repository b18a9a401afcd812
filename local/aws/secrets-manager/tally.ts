import type { ErrorType } from './errors.ts';
import type { StoredSecret } from './stored-secret.ts';

/** What an emulator has seen since it started. Counts by name go on when a name is taken again. */
export interface Stats {
  /** New versions that PutSecretValue and UpdateSecret wrote, by secret; a repeated request counts once. */
  readonly putsPerName: Record<string, number>;
  /** Versions each secret has now. */
  readonly versionsPerName: Record<string, number>;
  /** The most versions each secret ever had. */
  readonly peakVersionsPerName: Record<string, number>;
  /** Requests refused by a quota, above all the version quota. */
  readonly limitsExceeded: number;
  /** Requests refused by a rate limit. */
  readonly throttled: number;
}

/** Counts for {@link Stats}. */
export interface Tally {
  /** A secret went from one state (nothing: created) to the next. */
  wrote(before: StoredSecret | undefined, after: StoredSecret): void;
  /** A request was refused. */
  refused(code: ErrorType): void;
  stats(secrets: readonly StoredSecret[]): Stats;
}

/** Starts counting at zero. */
export function startTally(): Tally {
  const puts = new Map<string, number>();
  const peaks = new Map<string, number>();
  const refusals = new Map<ErrorType, number>();

  return {
    wrote(before, after) {
      const { name, versions } = after;
      if (before && versions.at(-1)?.id !== before.versions.at(-1)?.id)
        puts.set(name, (puts.get(name) ?? 0) + 1);
      peaks.set(name, Math.max(peaks.get(name) ?? 0, versions.length));
    },
    refused: (code) => refusals.set(code, (refusals.get(code) ?? 0) + 1),
    stats: (secrets) => ({
      putsPerName: Object.fromEntries(puts),
      versionsPerName: Object.fromEntries(secrets.map(({ name, versions }) => [name, versions.length])),
      peakVersionsPerName: Object.fromEntries(peaks),
      limitsExceeded: refusals.get('LimitExceededException') ?? 0,
      throttled: refusals.get('ThrottlingException') ?? 0,
    }),
  };
}
