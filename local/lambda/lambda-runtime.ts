import { randomUUID } from 'node:crypto';
import type { Writable } from 'node:stream';
import type { Clock } from '../../shared/clock/clock.ts';
import type { FunctionSettings } from '../../shared/config/functions.ts';
import { LOCAL_ACCOUNT } from '../aws/event-bus.ts';
import { FunctionContainer, type InvocationResult } from './function-container.ts';
import { failurePayload } from './lambda-messages.ts';

/** A function as it is deployed. */
export interface FunctionDefinition extends FunctionSettings {
  readonly name: string;
  /** The module that exports `handler(event, context)`. */
  readonly module: URL;
  /** All of its environment; nothing is taken from this process's own. */
  readonly environment: Readonly<Record<string, string>>;
  /** Qualifiers that it can be invoked by, beside `$LATEST`; all run the same code. */
  readonly aliases?: readonly string[];
}

export interface InvokeOptions {
  /** The result has what the function printed meanwhile (LogType Tail). */
  readonly withLog?: boolean;
}

export interface LambdaRuntime {
  /** Adds functions and begins their cold start, so that there is no first slow call. */
  deploy(functions: readonly FunctionDefinition[]): void;
  has(name: string, qualifier?: string): boolean;
  /** Every function, as it was deployed. */
  definitions(): readonly FunctionDefinition[];
  /**
   * Runs a function on a JSON payload and resolves with its result, or with `failed` when it threw, crashed
   * or took too long. Rejects with {@link UnknownFunctionError} only: no such function, or no such qualifier of it.
   */
  invoke(
    name: string,
    payload: string,
    qualifier?: string,
    options?: InvokeOptions,
  ): Promise<InvocationResult>;
  /** Resolves when no run is under way, or after `withinMs`. */
  idle(withinMs: number): Promise<void>;
  /** Ends every function with whatever it is doing. */
  stop(): Promise<void>;
}

/** No function has this name, or not this qualifier. */
export class UnknownFunctionError extends Error {
  override readonly name = 'UnknownFunctionError';
  readonly code = 'unknown-function';
}

export interface LambdaRuntimeOptions {
  readonly clock: Clock;
  /** Everything that functions print. */
  readonly output: Writable;
  /** Told of every run that failed; `errorType` as in the answer. */
  readonly onFailure?: (name: string, errorType: string) => void;
}

/** Runs functions in worker threads of this process. There are none before {@link LambdaRuntime.deploy}. */
export function createLambdaRuntime(options: LambdaRuntimeOptions): LambdaRuntime {
  const { clock, output, onFailure = () => undefined } = options;
  const running = new Set<Promise<unknown>>();
  const deployed = new Map<string, Deployed>();

  const find = (name: string, qualifier?: string): Deployed | undefined => {
    const found = deployed.get(name);
    return found && isQualifier(found.definition, qualifier) ? found : undefined;
  };

  const invoke: LambdaRuntime['invoke'] = async (name, payload, qualifier, { withLog = false } = {}) => {
    const found = find(name, qualifier);
    if (!found) throw new UnknownFunctionError(`There is no function ${qualified(name, qualifier)}.`);
    const run = withTimeout(clock, found, { payload, qualifier, withLog });
    running.add(run);
    try {
      const result = await run;
      if (result.failed) onFailure(name, errorTypeOf(result.payload));
      return result;
    } finally {
      running.delete(run);
    }
  };

  return {
    deploy(functions) {
      for (const definition of functions) {
        const container = containerOf(definition, output);
        container.warm();
        deployed.set(definition.name, { definition, container });
      }
    },
    definitions: () => [...deployed.values()].map(({ definition }) => definition),
    has: (name, qualifier) => find(name, qualifier) !== undefined,
    invoke,
    async idle(withinMs) {
      const cancel = new AbortController();
      await Promise.race([Promise.all(running), clock.sleep(withinMs, cancel.signal)]);
      cancel.abort();
    },
    async stop() {
      await Promise.all([...deployed.values()].map(({ container }) => container.stop()));
    },
  };
}

interface Deployed {
  readonly definition: FunctionDefinition;
  readonly container: FunctionContainer;
}

function isQualifier({ aliases = [] }: FunctionDefinition, qualifier: string | undefined): boolean {
  return qualifier === undefined || qualifier === '$LATEST' || aliases.includes(qualifier);
}

function qualified(name: string, qualifier: string | undefined): string {
  return qualifier === undefined ? name : `${name}:${qualifier}`;
}

function containerOf(definition: FunctionDefinition, output: Writable): FunctionContainer {
  const { name, module, timeoutSeconds, memoryMb, environment } = definition;
  const setup = {
    module: module.href,
    functionName: name,
    timeoutMs: timeoutSeconds * 1000,
    memoryMb,
  };
  return new FunctionContainer({ setup, environment, output });
}

async function withTimeout(
  clock: Clock,
  { definition, container }: Deployed,
  {
    payload,
    qualifier,
    withLog,
  }: { readonly payload: string; readonly qualifier: string | undefined; readonly withLog: boolean },
): Promise<InvocationResult> {
  const { name, timeoutSeconds, environment } = definition;
  const invokedFunctionArn = `arn:aws:lambda:${environment.AWS_REGION}:${LOCAL_ACCOUNT}:function:${qualified(name, qualifier)}`;
  const requestId = randomUUID();
  const cancel = new AbortController();
  const late = clock.sleep(timeoutSeconds * 1000, cancel.signal).then((): InvocationResult => {
    container.abandon(requestId);
    const message = `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
    return { payload: failurePayload('Sandbox.Timedout', message), failed: true };
  });
  try {
    return await Promise.race([container.run({ requestId, payload, invokedFunctionArn }, { withLog }), late]);
  } finally {
    cancel.abort();
  }
}

function errorTypeOf(payload: string): string {
  return String((JSON.parse(payload) as { errorType?: unknown }).errorType);
}
