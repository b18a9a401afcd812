import type { EnvironmentName } from './names.ts';

/** Port of the local stack's AWS endpoint. */
export const DEFAULT_LOCAL_PORT = 4700;

/** The options that lead the operator's commands to a local stack, for texts that name a command. */
export function localOptions(env: EnvironmentName, port: number): string {
  return [
    '--local',
    ...(port === DEFAULT_LOCAL_PORT ? [] : [`--local-port ${port}`]),
    ...(env === 'prd' ? [] : [`--env ${env}`]),
  ].join(' ');
}
