import { build } from 'esbuild';
import { writeDeclarations } from './declarations.ts';
import { beginPackage, ROOT } from './project.ts';

const SDK = '@aws-sdk/client-secrets-manager';

/** `renova-client`: one module for Node 20 and later, without a dependency, and its types. */
export async function buildClient(folder: string): Promise<void> {
  beginPackage(
    folder,
    {
      name: 'renova-client',
      description: 'Reads OAuth 2 access tokens that Renova keeps alive',
      type: 'module',
      engines: { node: '>=20' },
      main: './index.js',
      types: './types/client/index.d.ts',
      exports: {
        '.': { types: './types/client/index.d.ts', default: './index.js' },
        './package.json': './package.json',
      },
      sideEffects: false,
      // Only for published secrets. As a peer it is found under every installer.
      peerDependencies: { [SDK]: '^3.0.0' },
      peerDependenciesMeta: { [SDK]: { optional: true } },
    },
    'client',
  );
  await build({
    entryPoints: [`${ROOT}/client/index.ts`],
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: [SDK],
    outfile: `${folder}/index.js`,
    logLevel: 'error',
  });
  await writeDeclarations('client', 'client/index.ts', `${folder}/types`);
}
