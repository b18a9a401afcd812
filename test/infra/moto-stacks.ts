import assert from 'node:assert/strict';
import { after } from 'node:test';
import { ENVIRONMENTS, type EnvironmentName } from '../../shared/config/names.ts';
import { emptyMoto } from '../support/moto.ts';
import { type Boto3, startBoto3 } from './boto3.ts';
import { createStack, type MadeResource, madeBy } from './moto-stack.ts';
import { type Synthesis, synthesize } from './synthesis.ts';

/** The stacks of both environments in one account of moto. */
export interface MotoStacks {
  readonly endpoint: string;
  readonly aws: Boto3;
  of(env: EnvironmentName): Synthesis;
  /** What the stack had made when it was new. */
  madeIn(env: EnvironmentName): readonly MadeResource[];
  /** What a resource of the template is called in the account. */
  physicalId(env: EnvironmentName, logicalId: string): string;
}

let made: Promise<MotoStacks> | undefined;
const opened = new AsyncDisposableStack();
after(() => opened.disposeAsync());

/**
 * Both in one account: no name of one may be in the way of the other. All files of a process share them, one after the
 * other.
 */
export function bothStacks(): Promise<MotoStacks> {
  made ??= createStacks();
  return made;
}

async function createStacks(): Promise<MotoStacks> {
  const stacks = new Map<EnvironmentName, Synthesis>();
  const resources = new Map<EnvironmentName, MadeResource[]>();
  const endpoint = await emptyMoto();
  const aws = startBoto3(endpoint, opened);
  for (const env of ENVIRONMENTS) {
    const synthesis = synthesize(env);
    await createStack(aws, synthesis.stack.stackName, synthesis.template);
    stacks.set(env, synthesis);
    resources.set(env, await madeBy(aws, synthesis.stack.stackName));
  }
  const madeIn = (env: EnvironmentName) => resources.get(env) ?? assert.fail(`no stack of ${env}`);
  return {
    endpoint,
    aws,
    of: (env) => stacks.get(env) ?? assert.fail(`no stack of ${env}`),
    madeIn,
    physicalId: (env, logicalId) =>
      madeIn(env).find(({ LogicalResourceId }) => LogicalResourceId === logicalId)?.PhysicalResourceId ??
      assert.fail(`${logicalId} was not made`),
  };
}
