import { after, describe, it } from 'node:test';
import { ENVIRONMENTS } from '../../shared/config/names.ts';
import { synthesize } from './synthesis.ts';

/**
 * Everything that would be deployed, so that no change of it goes unseen. When it is meant:
 * `node --test --test-update-snapshots test/infra/templates.test.ts`, and read the difference before it is committed:
 * a changed logical id is a resource that is deleted and made anew.
 */
for (const env of ENVIRONMENTS) {
  describe(`the template of ${env}`, () => {
    const synthesis = synthesize(env);
    after(() => synthesis[Symbol.dispose]());

    it('is the one that was read', (t) => {
      t.assert.snapshot(synthesis.template, { serializers: [asText] });
    });
  });
}

/** The hashes of the functions' code are left out: they change with every line of it. */
function asText(template: unknown): string {
  return JSON.stringify(template, null, 1).replaceAll(/[0-9a-f]{64}/g, '<hash>');
}
