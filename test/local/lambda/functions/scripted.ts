/** A function for tests of the runtime: does what its event asks for. */
export async function handler(event: { do?: string }, context: LambdaContext): Promise<unknown> {
  switch (event.do) {
    case 'throw':
      throw new RangeError('fake failure');
    case 'exit':
      return process.exit(3);
    case 'hang':
      return new Promise(() => undefined);
    case 'nothing':
      return undefined;
    case 'describe':
      return {
        name: context.functionName,
        arn: context.invokedFunctionArn,
        memory: context.memoryLimitInMB,
        logGroup: context.logGroupName,
        remainingMs: context.getRemainingTimeInMillis(),
        variable: process.env.FAKE_VARIABLE,
        inherited: process.env.PATH,
      };
    case 'print':
      console.log('a line of output');
      return 'printed';
    default:
      return { echo: event };
  }
}

interface LambdaContext {
  readonly functionName: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly logGroupName: string;
  getRemainingTimeInMillis(): number;
}
