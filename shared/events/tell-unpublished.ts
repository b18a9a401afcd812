import { runbookOf } from '../config/events.ts';
import type { Watched } from '../credential/watched.ts';
import type { Remedy } from '../failure/command.ts';
import { type FailureReason, reasonInWords } from '../failure/reasons.ts';
import { type AnnounceContext, type Due, publishAll } from './announce.ts';
import type { RenovaEvent } from './event-publisher.ts';
import {
  calmOnes,
  type ProviderEpisodes,
  TOGETHER,
  withFailure,
  withoutEpisode,
} from './provider-episodes.ts';
import { rendered } from './render-event.ts';

/** Under this key the episode of the vault is remembered among those of the providers: no host is called so. */
export const VAULT = '#vault';
const NAME = 'secrets';

/** A credential of which a pair may wait for its lane … */
interface Waiting {
  readonly watched: Watched;
}

/** … with what is due to be told of it. */
interface Looked extends Waiting {
  readonly due: Due;
}

/** What is remembered then, and whether the bus did not take what was to be told. */
interface Told {
  readonly episodes: ProviderEpisodes;
  readonly isUntold: boolean;
}

/**
 * Begins and ends the episode of a vault that takes the tokens of many: one `Token Unpublished` with their number, and
 * one `Credential Recovered`, instead of one of each for each. `everything`: all that wait, if they were read.
 */
export async function tellVault(
  context: AnnounceContext,
  before: ProviderEpisodes,
  looked: readonly Looked[],
  everything: readonly Waiting[] | undefined,
): Promise<Told> {
  const nowMs = context.clock.nowMs();
  const waiting = (everything ?? looked).filter(isRefused);
  const isOpen = before.open[VAULT] !== undefined;
  const isMany = waiting.length >= TOGETHER;
  if (isOpen && isMany && everything) {
    return { episodes: withFailure(before, VAULT, NAME, nowMs, context.timing), isUntold: false };
  }
  if (!isOpen) {
    const isDue = looked.some(({ due }) =>
      due.announcements.some(({ type }) => type === 'Token Unpublished'),
    );
    if (!isDue || !isMany) return { episodes: before, isUntold: false };
    if (!(await publishAll(context, [manyUnpublished(context, waiting)]))) {
      return { episodes: before, isUntold: true };
    }
    return { episodes: withFailure(before, VAULT, NAME, nowMs, context.timing), isUntold: false };
  }
  const isOver = everything !== undefined && calmOnes(before, nowMs, context.timing).includes(VAULT);
  if (!isOver || !(await publishAll(context, [published(context, waiting.length)]))) {
    return { episodes: before, isUntold: false };
  }
  return { episodes: withoutEpisode(before, VAULT, nowMs), isUntold: false };
}

/** A pair waits for its lane, and a try to publish it has failed. */
function isRefused({ watched }: Waiting): boolean {
  return watched.waiting?.reason !== undefined;
}

function manyUnpublished(context: AnnounceContext, waiting: readonly Waiting[]): RenovaEvent {
  const reason = commonest(waiting.flatMap(({ watched }) => watched.waiting?.reason ?? []));
  const remedy: Remedy = {
    text: 'See whether the refresh function may still write the secrets (a right, a key, a quota; was there a deployment?). It tries again by itself. Which they are:',
    command: { name: 'list' },
  };
  return ofVault(context, 'Token Unpublished', {
    credentials: waiting.length,
    ...(reason && { reason }),
    explanation: `${waiting.length} credentials are refreshed, but their tokens do not get into their secrets${reason ? reasonInWords(reason) : ''}: workloads that read the secrets have old ones. The read API has the new ones.`,
    outlook: 'Readers of the secrets have tokens that are dead or will be soon; no chain is lost.',
    ...rendered(remedy, context.environment, context.links ?? {}),
    runbook: runbookOf('Token Unpublished', context.links?.runbook),
  });
}

function published(context: AnnounceContext, left: number): RenovaEvent {
  const others = left === 0 ? '' : ` ${left} still wait and are told by themselves.`;
  return ofVault(context, 'Credential Recovered', {
    credentials: left,
    explanation: `Tokens get into their secrets again, and have for a while.${others}`,
  });
}

function commonest(reasons: readonly FailureReason[]): FailureReason | undefined {
  const counted = [...Map.groupBy(reasons, (reason) => reason)];
  return counted.toSorted(([, a], [, b]) => b.length - a.length)[0]?.[0];
}

/** `*`: it is about the secrets of all credentials, whatever their provider. */
function ofVault(
  { environment, clock }: AnnounceContext,
  type: RenovaEvent['type'],
  detail: Omit<RenovaEvent['detail'], 'environment' | 'credential' | 'provider' | 'generation' | 'at'>,
): RenovaEvent {
  const at = new Date(clock.nowMs()).toISOString();
  return { type, detail: { environment, credential: '*', provider: NAME, generation: 0, at, ...detail } };
}
