import { Logger } from '@aws-lambda-powertools/logger';
import middy from '@middy/core';
import { AdminError } from '../shared/admin/admin-error.ts';
import { administer } from '../shared/admin/administer.ts';
import { Client } from '../shared/admin/client-request.ts';
import type { AdminContext } from '../shared/admin/context.ts';
import { RegisterRequest } from '../shared/admin/request.ts';
import { QuotaInput } from '../shared/admin/setting-entries.ts';
import { withCommand } from '../shared/failure/command.ts';
import { errorFields } from '../shared/log/log.ts';
import { EnvironmentError, readEnvironment } from './environment.ts';
import { answerError } from './middleware/answer-error.ts';
import { adminContext } from './wiring.ts';

const logger = new Logger({ serviceName: 'renova-admin' });
let context: AdminContext | undefined;

/** The operator's door: `{"action": …}` in, the action's answer or `{"error": {code, message}}` out. */
async function admin(event: unknown): Promise<unknown> {
  context ??= adminContext(readEnvironment());
  return administer(context, event);
}

/** A request that cannot be met is the operator's affair, and answered; a part that fails is Renova's. */
function note(error: unknown): void {
  if (error instanceof AdminError)
    logger.info('action refused', { code: error.code, field: knownMember(error.field) });
  else logger.error('action failed', errorFields(error));
}

const MEMBERS = new Set([RegisterRequest, Client, QuotaInput].flatMap(({ entries }) => Object.keys(entries)));

/** The path of a member, unless the caller made up a part of it: that may be a secret, or endless (I7). */
function knownMember(path: string | undefined): string | undefined {
  return path?.split('.').every((name) => MEMBERS.has(name)) ? path : undefined;
}

const SEE_ALL = { name: 'list' } as const;

function describe(error: unknown) {
  if (error instanceof AdminError) {
    const { code, message, field, remedy, command } = error;
    return { code, message, field, remedy, command };
  }
  const code = errorFields(error).code ?? 'internal';
  // What was done before it failed stays done: a registration of which something was posted is one, for instance.
  return {
    code,
    message: `A part of Renova did not answer (${code}). Look what was done before you try again.`,
    remedy: withCommand('See how things are:', SEE_ALL),
    command: SEE_ALL,
  };
}

// A function that is set up wrongly fails: its errors are counted, and an alarm looks at them.
export const handler = middy(admin).use(
  answerError((error) => {
    if (error instanceof EnvironmentError) return undefined;
    note(error);
    return { error: describe(error) };
  }),
);
