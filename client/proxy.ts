import { isLoopback } from './secure-url.ts';
import { TokenError } from './token-error.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The proxy of a request, by the variables that curl and the AWS CLI know: `HTTPS_PROXY`, and `NO_PROXY` with names,
 * domains (`.example.com`) and `*`. None for this machine. Throws `TokenError` for one that cannot be used.
 */
export function proxyOf(url: URL, variables: Variables): URL | undefined {
  const given = variables.https_proxy || variables.HTTPS_PROXY;
  if (!given || url.protocol !== 'https:' || isLoopback(url) || isExempt(url, variables)) return undefined;
  const proxy = given.includes('://') ? given : `http://${given}`;
  if (URL.canParse(proxy) && /^https?:/i.test(proxy)) return new URL(proxy);
  throw new TokenError(
    'invalid-option',
    'HTTPS_PROXY: expected an http or https URL; correct it or unset it.',
  );
}

function isExempt({ hostname, port }: URL, variables: Variables): boolean {
  const names = (variables.no_proxy || variables.NO_PROXY || '').toLowerCase().split(/[\s,]+/);
  return names.some((entry) => {
    if (entry === '*') return true;
    const [, name = '', onlyPort] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(entry) ?? [];
    if (name === '' || (onlyPort && onlyPort !== (port || '443'))) return false;
    return hostname === name || hostname.endsWith(`.${name}`);
  });
}
