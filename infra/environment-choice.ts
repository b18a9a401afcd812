import { ENVIRONMENTS, type EnvironmentName } from '../shared/config/names.ts';

/** The context key `env` is missing or names no environment. */
export class EnvironmentChoiceError extends Error {
  readonly code = 'unknown-environment';
  override readonly name = 'EnvironmentChoiceError';
}

/** The environment that the context key `env` names. Throws {@link EnvironmentChoiceError}. */
export function chooseEnvironment(chosen: unknown): EnvironmentName {
  const env = ENVIRONMENTS.find((name) => name === chosen);
  if (env) return env;
  const problem = chosen === undefined ? 'is missing' : 'names no environment';
  throw new EnvironmentChoiceError(
    `Context key "env" ${problem}: expected one of ${ENVIRONMENTS.join(', ')}; choose with -c env=${ENVIRONMENTS[0]}.`,
  );
}
