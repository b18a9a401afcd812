import { Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import { createLambdaRuntime, type FunctionDefinition } from '../../../local/lambda/lambda-runtime.ts';
import type { Clock } from '../../../shared/clock/clock.ts';
import { systemClock } from '../../../shared/clock/system-clock.ts';

/** A function named `scripted` (functions/scripted.ts), or another module under another name. */
export function definition(name = 'scripted', changes: Partial<FunctionDefinition> = {}): FunctionDefinition {
  return {
    name,
    module: new URL(`./functions/${name}.ts`, import.meta.url),
    timeoutSeconds: 30,
    memoryMb: 256,
    environment: { AWS_REGION: 'us-east-1', FAKE_VARIABLE: 'fake value' },
    ...changes,
  };
}

/** A runtime with `functions`, stopped when the test ends. */
export function runRuntime(
  context: TestContext,
  {
    clock = systemClock,
    functions = [definition()],
  }: { clock?: Clock; functions?: FunctionDefinition[] } = {},
) {
  const printed: string[] = [];
  const failures: string[] = [];
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      printed.push(chunk.toString());
      output.emit('printed');
      done();
    },
  });
  const runtime = createLambdaRuntime({
    clock,
    output,
    onFailure: (name, errorType) => failures.push(`${name}: ${errorType}`),
  });
  runtime.deploy(functions);
  context.after(() => runtime.stop());
  return { runtime, printed, failures, output };
}
