import { isLoopback } from '../config/loopback.ts';
import { plainUrl } from '../provider/profile.ts';
import { AdminError } from './admin-error.ts';

/** Which providers may be posted to. In AWS all of them. */
export interface ProviderReach {
  /** Nothing leaves this machine: the local stack, unless it was told otherwise. */
  readonly loopbackOnly: boolean;
  /** This machine is no provider: on AWS, where Lambda's own runtime listens on it. */
  readonly noLoopback?: boolean;
  /** Origin of the sandbox that stands in for a provider's own server. Absent: none does. */
  readonly sandboxUrl?: string;
}

/** A URL that a profile knows, at the sandbox that stands in for its server if there is one. Pure. */
export function standIn(
  profileUrl: string | undefined,
  reach: ProviderReach | undefined,
): string | undefined {
  if (profileUrl === undefined || reach?.sandboxUrl === undefined) return profileUrl;
  const { pathname, search } = new URL(plainUrl(profileUrl));
  return `${reach.sandboxUrl}${pathname}${search}`;
}

/** Throws {@link AdminError} for a URL beyond this machine where nothing may leave it. */
export function assertInReach(url: URL, reach: ProviderReach | undefined, field: string): void {
  if (!reach?.loopbackOnly || isLoopback(url.hostname)) return;
  throw new AdminError(
    'invalid-token-url',
    `${field}: expected this machine, because the local stack posts to no other; ` +
      'leave it out for the sandbox, or start the stack with --allow-remote-provider.',
    { field },
  );
}
