import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { describe, test } from 'node:test';
import { gateRefusal, isAddressOrNetwork } from '../../../../local/sandboxes/provider/gate.ts';
import { CLIENT, runProvider } from './running-provider.ts';

const CODE = 'fake-bank-code';

describe('who is let in', () => {
  const from = (address: string, addresses: readonly string[]) =>
    gateRefusal({ addresses }, { userAgent: undefined, address }) === undefined;

  const cases: [string, string, readonly string[], boolean][] = [
    ['an address that was entered', '192.0.2.7', ['192.0.2.7'], true],
    ['the next address', '192.0.2.8', ['192.0.2.7'], false],
    ['an address of a network', '192.0.2.255', ['198.51.100.1', '192.0.2.0/24'], true],
    ['one past its end', '192.0.3.0', ['192.0.2.0/24'], false],
    ['anybody, as homologation enters it', '203.0.113.9', ['0.0.0.0/32'], true],
    ['nobody, where nothing was entered', '127.0.0.1', [], false],
    ['IPv4 as a socket of IPv6 shows it', '::ffff:192.0.2.7', ['192.0.2.7'], true],
    ['IPv6', '2001:db8::1', ['2001:db8::/32'], true],
  ];
  for (const [name, address, addresses, isIn] of cases) {
    test(name, () => assert.equal(from(address, addresses), isIn));
  }

  test('no more than an address or a network can be entered', () => {
    for (const text of ['127.0.0.1', '10.0.0.0/8', '::1', '2001:db8::/128'])
      assert.ok(isAddressOrNetwork(text));
    for (const text of ['', 'localhost', '127.0.0.1/33', '10.0.0.0/8/8', '10.0.0.0/', '1.2.3', '::/129']) {
      assert.equal(isAddressOrNetwork(text), false, text);
    }
  });
});

test('a request without the code of the bank is 403 at token endpoint and resource, and spends and counts nothing', async (t) => {
  const provider = await runProvider(t, { gate: { userAgent: CODE } });
  const refreshToken = await provider.grant();
  const asked = async (userAgent: string) => {
    const headers = { 'user-agent': userAgent };
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken, ...CLIENT };
    const body = new URLSearchParams(form);
    return fetch(`${provider.url}/auth/oauth/v2/token`, { method: 'POST', headers, body });
  };
  for (const other of ['renova', '', `${CODE}x`, CODE.toUpperCase()]) {
    const response = await asked(other);
    assert.equal(response.status, 403);
    assert.equal('error' in ((await response.json()) as object), false, 'no answer of an OAuth server');
  }
  const { access_token } = (await (await asked(CODE)).json()) as { access_token: string };
  const open = async (userAgent: string) =>
    (
      await fetch(`${provider.url}/resource`, {
        headers: { authorization: `Bearer ${access_token}`, 'user-agent': userAgent },
      })
    ).status;
  assert.deepEqual([await open('renova'), await open(CODE)], [403, 200]);
  const { token_requests, issued, resource_ok, resource_401, blocked } = await provider.stats();
  assert.deepEqual([token_requests, issued, resource_ok, resource_401, blocked], [1, 1, 1, 0, 5]);
});

test('the customer enters other addresses while the sandbox runs, and those alone are let in', async (t) => {
  const provider = await runProvider(t);
  const statusFrom = async (localAddress: string) => {
    const request = httpRequest(`${provider.url}/resource`, { localAddress }).end();
    const [response] = await once(request, 'response');
    response.resume();
    return response.statusCode;
  };
  assert.equal(await statusFrom('127.0.0.1'), 401);
  await provider.postJson('/_sandbox/addresses', { addresses: ['127.0.0.7'] });
  assert.deepEqual([await statusFrom('127.0.0.1'), await statusFrom('127.0.0.7')], [403, 401]);
  assert.equal((await provider.stats()).blocked, 1);
});

test('what is no address cannot be entered', async (t) => {
  const provider = await runProvider(t);
  for (const addresses of [undefined, 'localhost', ['localhost'], ['127.0.0.1', 7]]) {
    const response = await provider.postJson('/_sandbox/addresses', { addresses });
    assert.equal(response.status, 400);
    const { error_description } = (await response.json()) as { error_description: string };
    assert.match(error_description, /^addresses/);
  }
});
