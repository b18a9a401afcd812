import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoopbackNetworkEndpoint } from '../../../shared/network-endpoint/loopback-network-endpoint.ts';
import type { NetworkEndpoint } from '../../../shared/network-endpoint/network-endpoint.ts';
import { Secret } from '../../../shared/secret/secret.ts';

test('the choice of a network stays on this machine: every other host is refused, and sees no token', async () => {
  const put: string[] = [];
  const inner: NetworkEndpoint = {
    choose: async ({ url }) => {
      put.push(url);
      return { kind: 'chosen' };
    },
  };
  const guarded = new LoopbackNetworkEndpoint(inner);
  const choose = (url: string) =>
    guarded.choose(
      { url, network: 'Lobby', accessToken: new Secret('fake-token') },
      { sendByMs: 1000, answerByMs: 2000 },
    );

  const remote = [
    'https://api.bsn.cloud/2022/06/REST/Self/Session/Network',
    'https://localhost.evil.example/n',
    'https://127.0.0.1@api.bsn.cloud/n',
    'https://128.0.0.1/n',
    'https://[::2]/n',
  ];
  for (const url of remote) {
    assert.deepEqual(await choose(url), { kind: 'refused-network', reason: 'remote-provider' }, url);
  }
  assert.deepEqual(put, []);

  const here = ['http://127.0.0.1:1/n', 'https://localhost/n', 'http://[::1]/n', 'no url'];
  for (const url of here) assert.deepEqual(await choose(url), { kind: 'chosen' }, url);
  assert.deepEqual(put, here);
});
