import { mkdirSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { bundleFunction } from '../infra/function-bundle.ts';
import { FUNCTION_BUNDLES } from '../shared/config/functions.ts';
import { writeDeclarations } from './declarations.ts';
import { beginPackage, ROOT } from './project.ts';

/** Tried at both ends by test/outside/cdk.test.ts. */
export const PEERS = { 'aws-cdk-lib': '^2.224.0', constructs: '^10.4.2' };

/**
 * `renova-cdk`: the construct in CommonJS, as aws-cdk-lib is, which both kinds of modules can import; its types; and
 * the functions as they were tested.
 */
export async function buildCdk(folder: string): Promise<void> {
  beginPackage(
    folder,
    {
      name: 'renova-cdk',
      description: 'Renova as an AWS CDK construct: keeps OAuth 2 tokens alive',
      engines: { node: '>=20' },
      main: './index.js',
      types: './types/infra/index.d.ts',
      exports: {
        '.': { types: './types/infra/index.d.ts', default: './index.js' },
        './package.json': './package.json',
      },
      peerDependencies: PEERS,
    },
    'cdk',
  );
  await build({
    entryPoints: [`${ROOT}/infra/index.ts`],
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    packages: 'external',
    // CommonJS has no import.meta; functions are found beside this file.
    define: { 'import.meta.url': 'moduleUrl' },
    banner: { js: "const moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
    outfile: `${folder}/index.js`,
    logLevel: 'error',
  });
  for (const name of FUNCTION_BUNDLES) {
    mkdirSync(`${folder}/bundles/${name}`, { recursive: true });
    writeFileSync(`${folder}/bundles/${name}/index.mjs`, bundleFunction(name));
  }
  await writeDeclarations('cdk', 'infra/index.ts', `${folder}/types`);
}
