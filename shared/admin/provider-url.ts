import { reachesThisMachine } from '../config/loopback.ts';
import { isSecretName, isSecretValue, plainName } from '../secret/secret-names.ts';
import { assertTokenUrl, InvalidTokenUrlError } from '../token-endpoint/token-url.ts';
import { AdminError } from './admin-error.ts';
import { assertInReach, type ProviderReach } from './provider-reach.ts';

/**
 * A URL of the provider's that may be posted to, and shown: `field` is what the operator calls it. Throws
 * {@link AdminError} `invalid-token-url`, or `invalid-request` when there is none.
 */
export function providerUrl(
  text: string | undefined,
  reach: ProviderReach | undefined,
  field: string,
): string {
  if (text === undefined) {
    throw new AdminError(
      'invalid-request',
      `${field}: is missing; expected the https URL that the provider's pages name.`,
      { field },
    );
  }
  const url = checkedUrl(text, field);
  if (parametersOf(url).some(([name, value]) => holdsSecret(name) || isSecretValue(value))) {
    throw refused(field, 'expected no secret in it; put it into client.');
  }
  // Lambda's own runtime listens there: on AWS a loopback address is never a provider.
  if (reach?.noLoopback && reachesThisMachine(url.hostname)) {
    throw refused(field, 'expected a host of the provider; loopback is for the local stack alone.');
  }
  assertInReach(url, reach, field);
  return url.href;
}

/** What the query and the parts of the path name (RFC 3986 §3.3), whichever of `&` and `;` stands between them. */
function parametersOf({ pathname, search }: URL): (readonly [name: string, value: string])[] {
  const inPath = pathname.split('/').flatMap((segment) => segment.split(';').slice(1));
  return [...search.slice(1).split(/[&;]/), ...inPath].flatMap((text) => [...new URLSearchParams(text)]);
}

/** A code is good for a token: as a parameter of a request it is refused elsewhere, by another name. */
function holdsSecret(name: string): boolean {
  return isSecretName(name) || plainName(name) === 'code';
}

function checkedUrl(text: string, field: string): URL {
  try {
    return assertTokenUrl(text);
  } catch (error) {
    if (!(error instanceof InvalidTokenUrlError)) throw error;
    throw refused(field, `${error.message.replace(/^token_url: /, '')}.`);
  }
}

function refused(field: string, message: string): AdminError {
  return new AdminError('invalid-token-url', `${field}: ${message}`, { field });
}
