import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseArguments, type StackOptions } from '../../../local/options.ts';
import { profiles } from '../../../shared/provider/profiles.ts';

const DEFAULTS: StackOptions = {
  env: 'prd',
  scale: 1,
  port: 4700,
  apiPort: 4701,
  providerPort: 4702,
  data: undefined,
  parts: 'all',
  profile: undefined,
  demo: true,
  requireUserAgent: undefined,
  allowAddresses: undefined,
  allowRemoteProvider: false,
  allowHosts: undefined,
};

describe('the arguments of npm start', () => {
  const accepted: [string, Partial<StackOptions>][] = [
    ['', {}],
    ['--env hml', { env: 'hml' }],
    ['--scale 2.5', { scale: 2.5 }],
    ['--scale=60', { scale: 60 }],
    ['--env hml --scale 84', { env: 'hml', scale: 84 }],
    ['--port 1 --api-port 2 --provider-port 65535', { port: 1, apiPort: 2, providerPort: 65_535 }],
    ['--port 0 --api-port 0 --provider-port 0', { port: 0, apiPort: 0, providerPort: 0 }],
    ['--data some/folder', { data: 'some/folder' }],
    ['--provider-only', { parts: 'provider-only', demo: false }],
    ['--no-provider', { parts: 'no-provider', demo: false }],
    ['--no-demo', { demo: false }],
    ['--provider oauth2', { profile: profiles.get('oauth2'), demo: false }],
    ['--require-user-agent bank-code/1', { requireUserAgent: 'bank-code/1' }],
    ['--allow-address 127.0.0.1 --allow-address 10.0.0.0/8', { allowAddresses: ['127.0.0.1', '10.0.0.0/8'] }],
    ['--allow-host host.docker.internal --allow-host ci', { allowHosts: ['host.docker.internal', 'ci'] }],
    ['--allow-remote-provider', { allowRemoteProvider: true }],
  ];
  for (const [line, expected] of accepted) {
    test(`accepts "${line}"`, () => {
      assert.deepEqual(parseArguments(words(line)), { kind: 'run', options: { ...DEFAULTS, ...expected } });
    });
  }

  const refused: [string, RegExp][] = [
    ['--env dev', /--env .*hml, prd/],
    ['--scale 0.9', /--scale .*at least 1/],
    ['--scale fast', /--scale .*at least 1/],
    ['--scale 1e3', /--scale .*at least 1/],
    ['--scale 61', /--scale 61 .*300 s \/ 61 = 4\.92 s .*at most 60/],
    ['--env hml --scale 85', /--scale 85 .*420 s \/ 85 = 4\.94 s .*at most 84/],
    ['--port 65536', /--port .*0 to 65535/],
    ['--api-port -1', /--api-port/],
    ['--provider-port x', /--provider-port .*0 to 65535/],
    ['--port 4701', /--port, --api-port and --provider-port .*different/],
    ['--data', /--data/],
    ['--provider nobody', /--provider .*Expected one of bs2, /],
    ['--provider-only --no-provider', /--provider-only and --no-provider/],
    ['--require-user-agent', /--require-user-agent/],
    ['--require-user-agent cod\u00e9', /--require-user-agent .*ASCII/],
    ['--allow-address localhost', /--allow-address .*127\.0\.0\.1/],
    ['--allow-address 10.0.0.0/33', /--allow-address/],
    ['--allow-host host:4700', /--allow-host .*without a port/],
    ['--demonstrate', /--demonstrate/],
    ['surplus', /arguments/],
  ];
  for (const [line, sentence] of refused) {
    test(`refuses "${line}" in one sentence that names the option`, () => {
      const parsed = parseArguments(words(line));
      assert.equal(parsed.kind, 'wrong-usage');
      assert.match(parsed.message, sentence);
      assert.doesNotMatch(parsed.message, /\n|^error/);
    });
  }

  test('refuses an empty folder, which would be the current one', () => {
    assert.equal(parseArguments(['--data', '']).kind, 'wrong-usage');
  });

  test('--help tells every option', () => {
    const parsed = parseArguments(['--help']);
    assert.equal(parsed.kind, 'help');
    const options = [
      'env',
      'scale',
      'port',
      'api-port',
      'provider-port',
      'data',
      'provider',
      'provider-only',
      'no-provider',
      'no-demo',
      'require-user-agent',
      'allow-address',
      'allow-remote-provider',
      'allow-host',
    ];
    for (const option of options) assert.match(parsed.text, new RegExp(`--${option}\\b`));
  });
});

const words = (line: string) => line.split(' ').filter((word) => word !== '');
