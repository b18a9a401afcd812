/** The part of an SDK client that is needed to come between its retries and the wire. */
interface MiddlewareHost {
  readonly middlewareStack: {
    add(middleware: Middleware, options: { step: 'finalizeRequest'; priority: 'low'; name: string }): void;
    remove(name: string): boolean;
  };
}

// biome-ignore lint/suspicious/noExplicitAny: the SDK's middleware types differ from client to client
type Middleware = (next: (args: any) => Promise<any>, context: { commandName?: string }) => typeof next;

export interface SdkFault {
  /** `PutItemCommand` … */
  readonly command: string;
  /** `before`: the request is not sent. `after`: it takes effect and its answer, or its refusal, is lost. */
  readonly point: 'before' | 'after';
  readonly error: Error;
  /** How many sendings fail, the SDK's own resends counted; every one when left out. */
  readonly times?: number;
  /** Told of each sending that fails. */
  readonly onSend?: () => void;
}

/** Makes sendings of one command fail, inside the SDK's retries. The function it gives takes it back. */
export function injectSdkFault(
  client: MiddlewareHost,
  { command, point, error, times, onSend }: SdkFault,
): () => void {
  let left = times ?? Number.POSITIVE_INFINITY;
  const name = `fault-${command}-${point}`;
  const middleware: Middleware = (next, context) => async (args) => {
    if (context.commandName !== command || left <= 0) return next(args);
    left -= 1;
    onSend?.();
    if (point === 'after') await next(args).catch(() => undefined);
    throw error;
  };
  client.middlewareStack.add(middleware, { step: 'finalizeRequest', priority: 'low', name });
  return () => void client.middlewareStack.remove(name);
}

/** A connection that ended without an answer, which the SDK answers by sending again. */
export function connectionReset(): Error {
  return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET', name: 'TimeoutError' });
}

/** An exception as the service answers it. */
export function awsException(name: string, status: number, message = ''): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });
}
