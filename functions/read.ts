import { Logger } from '@aws-lambda-powertools/logger';
import middy from '@middy/core';
import { EnvironmentError, readEnvironment } from './environment.ts';
import { answerError } from './middleware/answer-error.ts';
import { powertoolsLog } from './powertools-log.ts';
import { readContext } from './read-context.ts';
import { describeReadError, serveRead } from './serve-read.ts';

const log = powertoolsLog(new Logger({ serviceName: 'renova-read' }));
let serve: ReturnType<typeof serveRead> | undefined;

/** Serves the current token: over HTTP (API Gateway, payload format 2.0) or to a direct invoke. */
async function read(event: unknown): Promise<unknown> {
  serve ??= serveRead(readContext(readEnvironment()));
  return serve(event);
}

// A function that is set up wrongly fails: its errors are counted, and an alarm looks at them.
export const handler = middy(read).use(
  answerError((error, event) =>
    error instanceof EnvironmentError ? undefined : describeReadError(log, error, event),
  ),
);
