// What `npm start -- --provider <name>` tells its reader to try.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { introduction } from '../../local/terminal/introduction.ts';
import { profiles } from '../../shared/provider/profiles.ts';
import { runCommand } from './run-command.ts';

const PROVIDER_URL = 'http://127.0.0.1:4702';
const PLACE = {
  env: 'prd',
  scale: 1,
  awsUrl: 'http://127.0.0.1:4700',
  apiUrl: 'http://127.0.0.1:4701',
  providerUrl: PROVIDER_URL,
} as const;

const OWN_SANDBOXES = new Map([
  ['bsncloud', ['/bsncloud', 'clients']],
  ['bsn', ['/bsn', 'users']],
]);

describe('the introduction to a provider that is played', () => {
  for (const [provider, profile] of profiles) {
    test(`leads to a credential of ${provider}`, async () => {
      const lines = introduction({ ...PLACE, profile }).split('\n');
      const renova = lines.find((line) => line.includes(` mine --provider ${provider} `));
      if (profile.clientAuth === 'private_key_jwt') {
        assert.equal(renova, undefined);
        return;
      }
      const [words = ''] = renova?.trim().split('  #') ?? [];
      const line = words.replace('npx renova ', '').split(' ');
      const { exitCode, stderr } = await runCommand(line, { person: {} });
      assert.notEqual(exitCode, 2, `${words}: ${stderr}`);

      const app = lines.find((each) => each.includes('_sandbox') && each.includes(' -d '))?.trim() ?? '';
      const [, sandbox, route, body = ''] =
        /^curl http:\/\/127\.0\.0\.1:4702(.*)\/_sandbox\/([a-z-]+) -d '(.*)' {2}#/.exec(app) ?? [];
      const own = OWN_SANDBOXES.get(provider);
      const byGrant = profile.grants[0] === 'refresh_token' ? 'refresh-tokens' : 'logins';
      assert.deepEqual([sandbox, route], own ?? ['', line[0] === 'login' ? 'clients' : byGrant]);
      const { client_id, username, networks } = JSON.parse(body);
      assert.equal(typeof (client_id ?? username), 'string');
      assert.deepEqual(networks, own && [line[line.indexOf('--network') + 1]]);
      const needsUrl = profile.tokenUrl?.prd === undefined;
      assert.equal(line.includes('--token-url'), needsUrl);
    });
  }

  test('is the demo where the sandbox plays BS2 by its document', () => {
    const example = { credential: 'demo', lane: 3 };
    assert.doesNotMatch(introduction({ ...PLACE, example }), /fake-app/);
  });
});
