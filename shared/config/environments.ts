import type { EnvironmentName } from './names.ts';

/** What differs between environments. Names follow from the environment's name; code never asks for it. */
export interface EnvironmentSettings {
  /** How long functions' logs and access logs are kept. */
  readonly logRetentionDays: 30 | 365;
  /** The stack and its tables refuse to be deleted until somebody lifts the protection. */
  readonly isProtected: boolean;
}

/** The settings of every environment that a stack can be made for. */
export const ENVIRONMENT_SETTINGS: Readonly<Record<EnvironmentName, EnvironmentSettings>> = {
  hml: { logRetentionDays: 30, isProtected: false },
  prd: { logRetentionDays: 365, isProtected: true },
};
