import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CommandFailure } from '../../cli/errors.ts';
import { assertProfileExists } from '../../cli/invoke/aws-profile.ts';

async function check(profile: string | undefined, config: string, credentials: string): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'renova-profile-'));
  try {
    const variables = {
      AWS_PROFILE: profile,
      AWS_CONFIG_FILE: join(folder, 'config'),
      AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
    };
    if (config) await writeFile(variables.AWS_CONFIG_FILE, config);
    if (credentials) await writeFile(variables.AWS_SHARED_CREDENTIALS_FILE, credentials);
    return await assertProfileExists(variables).catch((error: unknown) => error);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('a profile is found in either file, and as the SDK writes it', async () => {
  for (const [config, credentials] of [
    ['[profile acme]\nregion = sa-east-1\n', ''],
    ['[default]\n[ profile acme ]\n', ''],
    ['[profile "acme"]\n', ''],
    ['', '[acme]\naws_access_key_id = fake\n'],
  ] as const) {
    assert.equal(await check('acme', config, credentials), undefined);
  }
});

test('a profile that is in neither file is said to be missing, not its region', async () => {
  for (const config of ['', '[profile acme2]\n', '# [profile acme]\n']) {
    const error = await check('acme', config, '');
    assert.ok(error instanceof CommandFailure);
    assert.equal(error.code, 'no-profile');
  }
});

test('so is one that takes its credentials from a profile that is in neither file', async () => {
  const acme = '[profile acme]\nrole_arn = arn:aws:iam::123456789012:role/operator\nsource_profile = base\n';
  const error = await check('acme', acme, '[other]\n');
  assert.ok(error instanceof CommandFailure);
  assert.match(error.message, /^The source_profile of the profile in AWS_PROFILE does not exist$/);
  assert.equal(await check('acme', acme, '[base]\naws_access_key_id = fake\n'), undefined);
  const itself = '[profile acme]\nsource_profile = acme\n';
  assert.equal(await check('acme', itself, ''), undefined);
});

test('without a profile, or with the default one, the SDK decides', async () => {
  assert.equal(await check(undefined, '', ''), undefined);
  assert.equal(await check('default', '', ''), undefined);
});
