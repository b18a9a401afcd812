import assert from 'node:assert/strict';
import { it } from 'node:test';
import { proxyOf } from '../../../client/proxy.ts';

const PROXY = 'http://proxy.bank.example:3128';

it('a request goes through the proxy of the environment, but for this machine and the exempt', () => {
  const cases: [url: string, variables: Record<string, string>, proxy: string | undefined][] = [
    ['https://api.example/', {}, undefined],
    ['https://api.example/', { HTTPS_PROXY: PROXY }, `${PROXY}/`],
    ['https://api.example/', { https_proxy: PROXY, HTTPS_PROXY: 'http://other.example' }, `${PROXY}/`],
    ['https://api.example/', { HTTPS_PROXY: 'proxy.bank.example:3128' }, `${PROXY}/`],
    ['https://api.example/', { HTTPS_PROXY: '' }, undefined],
    ['http://127.0.0.1:4701/', { HTTPS_PROXY: PROXY, HTTP_PROXY: PROXY }, undefined],
    ['https://localhost:4701/', { HTTPS_PROXY: PROXY }, undefined],
    ['https://api.example/', { HTTPS_PROXY: PROXY, NO_PROXY: '*' }, undefined],
    ['https://api.example/', { HTTPS_PROXY: PROXY, NO_PROXY: 'other.example, api.example' }, undefined],
    ['https://api.example/', { HTTPS_PROXY: PROXY, no_proxy: '.example' }, undefined],
    ['https://api.example/', { HTTPS_PROXY: PROXY, NO_PROXY: '*.EXAMPLE' }, undefined],
    ['https://api.example/', { HTTPS_PROXY: PROXY, NO_PROXY: 'pi.example' }, `${PROXY}/`],
    ['https://api.example/', { HTTPS_PROXY: PROXY, NO_PROXY: 'api.example:8443' }, `${PROXY}/`],
    ['https://api.example:8443/', { HTTPS_PROXY: PROXY, NO_PROXY: 'api.example:8443' }, undefined],
    ['https://api.example/', { HTTPS_PROXY: PROXY, NO_PROXY: ',' }, `${PROXY}/`],
  ];
  for (const [url, variables, expected] of cases) {
    assert.equal(proxyOf(new URL(url), variables)?.href, expected, `${url} ${JSON.stringify(variables)}`);
  }
});

it('a proxy that cannot be used is refused without its password', () => {
  for (const HTTPS_PROXY of ['socks5://user:fake-password@proxy.example', 'http://user:fake-password@:x']) {
    const error = {
      name: 'TokenError',
      code: 'invalid-option',
      message: /^HTTPS_PROXY: (?!.*fake-password)/,
    };
    assert.throws(() => proxyOf(new URL('https://api.example/'), { HTTPS_PROXY }), error);
  }
});
