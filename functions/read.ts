import { Logger } from '@aws-lambda-powertools/logger';
import middy from '@middy/core';
import { readEnvironment } from './environment.ts';
import { powertoolsLog } from './powertools-log.ts';
import { readContext } from './read-context.ts';
import { readDoor } from './read-door.ts';

const log = powertoolsLog(new Logger({ serviceName: 'renova-read' }));
let serve: ReturnType<typeof readDoor> | undefined;

/** Serves the current token: over HTTP (API Gateway, payload format 2.0) or to a direct invoke. */
async function read(event: unknown): Promise<unknown> {
  serve ??= readDoor(readContext(readEnvironment()), log);
  return serve(event);
}

export const handler = middy(read);
