import { Logger } from '@aws-lambda-powertools/logger';
import middy from '@middy/core';
import { readEnvironment } from './environment.ts';
import { powertoolsLog } from './powertools-log.ts';
import { readContext } from './read-context.ts';
import { serveRead } from './serve-read.ts';

const log = powertoolsLog(new Logger({ serviceName: 'renova-read' }));
let serve: ReturnType<typeof serveRead> | undefined;

/** Serves the current token: over HTTP (API Gateway, payload format 2.0) or to a direct invoke. */
async function read(event: unknown): Promise<unknown> {
  serve ??= serveRead(readContext(readEnvironment()), log);
  return serve(event);
}

export const handler = middy(read);
