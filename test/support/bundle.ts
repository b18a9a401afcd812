import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** One ES module with everything it imports. */
export interface Bundle {
  readonly text: string;
  /** The files it is made of, relative to the project's folder, with what each gave to it in bytes. */
  readonly inputs: ReadonlyMap<string, number>;
}

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CREDENTIALS = { '@aws-sdk/credential-provider-node': `${ROOT}functions/environment-credentials.ts` };
/** What CDK puts before every ES module. */
const REQUIRE = `import{createRequire}from'node:module';const require=createRequire(import.meta.url);`;

/** Bundles source text (that imports as from the project's folder) as the stack bundles functions. */
export async function bundle(contents: string, { credentialChain = false } = {}): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: ROOT, loader: 'ts' },
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    mainFields: ['module', 'main'],
    minify: true,
    keepNames: true,
    banner: { js: REQUIRE },
    alias: credentialChain ? {} : CREDENTIALS,
    metafile: true,
    write: false,
    outfile: 'bundle.mjs',
  });
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  return {
    text: outputFiles[0]?.text ?? '',
    inputs: new Map(inputs.map(([path, { bytesInOutput }]) => [path, bytesInOutput])),
  };
}

/** What the read function is. */
export const READ_FUNCTION = `export { handler } from './functions/read.ts';`;

/** The least that a function does which reads an item and a secret: two clients of the SDK and nothing else. */
export const BARE_CLIENTS = `
  import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
  import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
  const [dynamoDb, secretsManager] = [new DynamoDBClient({}), new SecretsManagerClient({})];
  export const handler = ({ item, secret }) =>
    Promise.all([dynamoDb.send(new GetItemCommand(item)), secretsManager.send(new GetSecretValueCommand(secret))]);
`;
