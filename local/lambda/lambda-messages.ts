/** What a runtime tells its worker: run the handler once. Payloads are JSON, as Lambda's are. */
export interface InvokeMessage {
  readonly requestId: string;
  readonly payload: string;
  /** With the qualifier that it was invoked by. */
  readonly invokedFunctionArn: string;
}

/** What the worker answers: the result, or `{errorType, errorMessage}` when the handler threw. */
export interface ResultMessage {
  readonly requestId: string;
  readonly payload: string;
  readonly failed: boolean;
}

/** What a worker is started with. */
export interface WorkerSetup {
  /** URL of the module that exports `handler`. */
  readonly module: string;
  readonly functionName: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
}

/** A failure as Lambda returns it, without the stack trace. */
export function failurePayload(errorType: string, errorMessage: string): string {
  return JSON.stringify({ errorType, errorMessage });
}
