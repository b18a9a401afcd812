import assert from 'node:assert/strict';
import { ENVIRONMENTS, type EnvironmentName } from '../../shared/config/names.ts';
import { startMoto } from '../support/moto.ts';
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

/** Both in one account: no name of one may be in the way of the other. */
export async function createStacks(opened: AsyncDisposableStack): Promise<MotoStacks> {
  const stacks = new Map<EnvironmentName, Synthesis>();
  const made = new Map<EnvironmentName, MadeResource[]>();
  const { endpoint, stop } = await startMoto();
  opened.defer(stop);
  const aws = startBoto3(endpoint, opened);
  for (const env of ENVIRONMENTS) {
    const synthesis = opened.use(synthesize(env));
    await createStack(aws, synthesis.stack.stackName, synthesis.template);
    stacks.set(env, synthesis);
    made.set(env, await madeBy(aws, synthesis.stack.stackName));
  }
  const madeIn = (env: EnvironmentName) => made.get(env) ?? assert.fail(`no stack of ${env}`);
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
