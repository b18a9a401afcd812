import { hostname, userInfo } from 'node:os';
import { ACTOR } from '../../shared/credential/history.ts';

/**
 * Who types, for the history of a credential: `RENOVA_OPERATOR`, or user and machine (`ana@laptop`). What this machine
 * says is no proof; CloudTrail has the role. Undefined where there is nothing that can be said.
 */
export function operatorName(
  environment: Readonly<Record<string, string | undefined>>,
  machine: () => string = () => `${userInfo().username}@${hostname()}`,
): string | undefined {
  const name = (environment.RENOVA_OPERATOR || fromMachine(machine))
    .replaceAll(/[^\w.@+:/-]+/g, '-')
    .slice(0, 64);
  return ACTOR.test(name) ? name : undefined;
}

/** A user without a name in the system's list (a container's) makes Node throw. */
function fromMachine(machine: () => string): string {
  try {
    return machine();
  } catch {
    return '';
  }
}
