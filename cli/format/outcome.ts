import * as v from 'valibot';
import type { CommandContext, JsonObject } from '../context.ts';
import { validity } from './health.ts';
import { printable } from './printable.ts';
import { typedAt } from './remedy.ts';
import { summaryOf } from './summary.ts';

const step = v.looseObject({
  step: v.string(),
  ok: v.boolean(),
  detail: v.nullish(v.string()),
  command: v.optional(v.unknown()),
});

/** The steps of an answer, read leniently: what cannot be read is left out. */
export function stepsOf(answer: JsonObject): readonly v.InferOutput<typeof step>[] {
  const steps = Array.isArray(answer.steps) ? answer.steps : [];
  return steps.filter((one) => v.is(step, one));
}

/**
 * What `register`, `update` and `reseed` came to: the steps as a checklist, the warnings, and a sentence that
 * begins with what was `done` (`is registered`) and tells what the credential's tokens are worth now.
 */
export function outcome(context: CommandContext, answer: JsonObject, done: string): string {
  const { clock, colors } = context;
  const lines = checklist(context, answer);
  const warnings = Array.isArray(answer.warnings) ? answer.warnings : [];
  lines.push(...warnings.map((warning) => `${colors.yellow('!')} ${printable(String(warning))}`));

  const summary = summaryOf({ state: 'active', ...answer });
  const state = summary.state === 'active' ? '' : `, ${summary.state}`;
  const generation = summary.generation ? ` (generation ${summary.generation})` : '';
  const worth = summary.expires_at ? `: ${validity(summary, clock.nowMs())}` : '';
  lines.push(printable(`${summary.credential} ${done}${state}${generation}${worth}.`));
  return `${lines.join('\n')}\n`;
}

/** The steps of an answer, a line each. */
export function stepLines(context: CommandContext, answer: JsonObject): string {
  return checklist(context, answer)
    .map((line) => `${line}\n`)
    .join('');
}

function checklist({ colors, target }: CommandContext, answer: JsonObject): string[] {
  return stepsOf(answer).map(({ step: name, ok, detail, command }) => {
    const mark = ok ? colors.green('✓') : colors.red('✗');
    return `${mark} ${printable(name.replaceAll('-', ' '))}${detail ? printable(`: ${typedAt(detail, command, target)}`) : ''}`;
  });
}
