import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type AppProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { FEATURE_FLAGS } from '../../infra/feature-flags.ts';
import { RenovaStack } from '../../infra/renova-stack.ts';
import type { RenovaSettings } from '../../infra/settings.ts';
import { ENVIRONMENT_SETTINGS } from '../../shared/config/environments.ts';
import type { EnvironmentName } from '../../shared/config/names.ts';
import type { ResolvableTemplate, TemplateResource } from './resolve.ts';

/** A synthesized stack: the template, and the folder that the bundles lie in. */
export interface Synthesis {
  readonly stack: RenovaStack;
  readonly template: ResolvableTemplate;
  readonly assertions: Template;
  readonly folder: string;
  /** Deletes the folder. */
  [Symbol.dispose](): void;
}

/** As an environment is deployed: many files look at one, and none changes it. */
const deployed = new Map<EnvironmentName, Synthesis>();

/**
 * Synthesizes the stack of one environment in this process; without options it is made once and kept.
 * Bundling takes seconds: only where bundles are run.
 */
export function synthesize(
  env: EnvironmentName,
  options: { bundle?: boolean; settings?: Partial<RenovaSettings> } = {},
): Synthesis {
  if (Object.keys(options).length > 0) return synthesizeAnew(env, options);
  const known = deployed.get(env) ?? keptUntilTheEnd(synthesizeAnew(env));
  deployed.set(env, known);
  return known;
}

function keptUntilTheEnd(synthesis: Synthesis): Synthesis {
  process.once('exit', () => synthesis[Symbol.dispose]());
  return { ...synthesis, [Symbol.dispose]: () => undefined };
}

function synthesizeAnew(
  env: EnvironmentName,
  { bundle = false, settings = {} }: { bundle?: boolean; settings?: Partial<RenovaSettings> } = {},
): Synthesis {
  const folder = mkdtempSync(join(tmpdir(), 'renova-synthesis-'));
  const app = quickApp({ outdir: folder, context: FEATURE_FLAGS, bundle });
  const stack = new RenovaStack(app, `renova-${env}`, {
    env,
    settings: { ...ENVIRONMENT_SETTINGS[env], ...settings },
  });
  const assertions = Template.fromStack(stack);
  return {
    stack,
    template: assertions.toJSON() as ResolvableTemplate,
    assertions,
    folder,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

/**
 * An app whose stacks the CDK does not validate, which takes most of the time of a synthesis: `checks.test.ts` has it
 * done for both environments. Functions are bundled only with `bundle`.
 */
export function quickApp({
  bundle = false,
  context = {},
  ...more
}: AppProps & { bundle?: boolean } = {}): App {
  return new App({
    ...more,
    context: { ...context, ...(bundle ? {} : { 'aws:cdk:bundling-stacks': [] }) },
    builtinCloudFormationValidation: false,
    analyticsReporting: false,
  });
}

/** The resources of a CloudFormation type, with their logical ids. */
export function resourcesOf(
  template: ResolvableTemplate,
  type: string,
): (TemplateResource & { readonly id: string })[] {
  return Object.entries(template.Resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([id, resource]) => ({ id, ...resource }));
}

/** The file that a function of the synthesis runs: the asset's folder is what is uploaded as its zip. */
export function bundleOf({ folder }: Synthesis, { Properties }: TemplateResource): string {
  const { S3Key } = Properties.Code as { S3Key: string };
  return join(folder, `asset.${S3Key.replace(/\.zip$/, '')}`, 'index.mjs');
}
