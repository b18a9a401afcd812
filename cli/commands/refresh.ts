import { Argument, type Command } from 'commander';
import { failureInWords, isFailureOutcome } from '../../shared/failure/failures.ts';
import { resultInWords } from '../../shared/failure/refresh-results.ts';
import { ask } from '../ask.ts';
import type { Bind, CommandContext, JsonObject } from '../context.ts';
import { CommandFailure } from '../errors.ts';
import { duration, roughly } from '../format/duration.ts';
import { printable } from '../format/printable.ts';
import { credentialId } from '../option-values.ts';
import { commandLine } from '../target.ts';

interface RefreshOptions {
  readonly force?: boolean;
}

/** Adds `refresh <id>`. */
export function addRefreshCommand(program: Command, bind: Bind): void {
  program
    .command('refresh')
    .description('refresh a credential now, if it is due')
    .addArgument(new Argument('<id>', 'which credential').argParser(credentialId))
    .option('--force', 'even if it is not due: the current token dies at once')
    .addHelpText('after', '\nExample:\n  $ npx renova refresh acme --env prd')
    .action(bind(refresh));
}

/** Refreshes now. Rejects with a {@link CommandFailure} when the credential has no newer pair and needed one. */
async function refresh(context: CommandContext, id: string, { force }: RefreshOptions): Promise<void> {
  const answer = await ask(context, 'admin', { action: 'refresh', credential: id, ...(force && { force }) });
  const done = doneSentence(context, id, answer);
  if (done === undefined) throw notRefreshed(context, id, answer);
  if (!context.json) context.stdout.write(`${printable(done)}\n`);
}

function doneSentence(
  { clock }: CommandContext,
  id: string,
  { result, reason, generation, expires_at }: JsonObject,
): string | undefined {
  const worth = `generation ${String(generation)}${tokenWorth(expires_at, clock.nowMs())}`;
  switch (result) {
    case 'refreshed':
      return `${id} is refreshed: ${worth}.`;
    case 'adopted':
      return `${id} has the pair of an earlier refresh, found in the vault: ${worth}.`;
    case 'published':
      return `${id} was refreshed before and is published now: ${worth}.`;
    case 'unpublished':
      return `${id} is refreshed and stored, and will be published at the next tick: ${worth}.`;
    case 'nothing':
      return reason === 'not-due'
        ? `${id} is not due (--force refreshes it all the same): ${worth}.`
        : undefined;
    default:
      return undefined;
  }
}

/** A pair that is published late, or of a paused credential, may have expired by now. */
function tokenWorth(expiresAt: unknown, nowMs: number): string {
  const atMs = typeof expiresAt === 'string' ? Date.parse(expiresAt) : Number.NaN;
  if (Number.isNaN(atMs)) return '';
  if (atMs <= nowMs) return `, its token expired ${roughly(nowMs - atMs)} ago`;
  return `, its token is valid for ${duration(atMs - nowMs)}`;
}

function notRefreshed({ target }: CommandContext, id: string, answer: JsonObject): CommandFailure {
  const look = `See: ${commandLine(target, `status ${id}`)}`;
  return new CommandFailure('not-refreshed', `${id} was not refreshed: ${whyNot(answer)}`, look);
}

/** In the words of `status`, where the answer says as much. */
function whyNot({ result, reason, failure_reason }: JsonObject): string {
  if (isFailureOutcome(reason) && typeof failure_reason === 'string') {
    return failureInWords({ outcome: reason, reason: failure_reason });
  }
  return resultInWords(String(result), typeof reason === 'string' ? reason : undefined);
}
