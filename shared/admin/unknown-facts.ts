import { PROVIDER_FACTS, type ProviderFact } from '../provider/knowledge.ts';
import { profiles } from '../provider/profiles.ts';
import type { RegisterRequest } from './request.ts';

/**
 * What neither the profile nor the operator says of a provider, in one sentence that names the settings; undefined: all
 * is said. Of a server that the operator describes, whatever is left out is known to be left out.
 */
export function unknownFacts(
  request: Pick<RegisterRequest, 'provider' | 'grant' | Setting>,
): string | undefined {
  const profile = profiles.get(request.provider);
  if (profile?.tokenUrl === undefined) return undefined;
  const { knowledge, grants } = profile;
  const hasRefreshTokens = (request.grant ?? grants[0]) !== 'client_credentials';
  const missing = knowledge.unknown.flatMap((fact) => {
    const { what, setting } = PROVIDER_FACTS[fact];
    const isOfNoUse = OF_REFRESH_TOKENS.has(fact) && !hasRefreshTokens;
    return setting === undefined || isOfNoUse || request[setting] !== undefined
      ? []
      : [`${what} (${setting})`];
  });
  if (missing.length === 0) return undefined;
  return `Not known of ${knowledge.title}: ${missing.join('; ')}. Give what you find out with update.`;
}

type Setting = Exclude<(typeof PROVIDER_FACTS)[ProviderFact]['setting'], undefined>;

const OF_REFRESH_TOKENS: ReadonlySet<ProviderFact> = new Set(['refresh-token-life', 'rotation', 'grace']);
