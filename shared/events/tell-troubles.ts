import { runbookOf } from '../config/events.ts';
import type { Announcement } from '../credential/announcements.ts';
import type { CredentialRecord, ToldTrouble } from '../credential/credential.ts';
import { faultOf } from '../credential/record-fault.ts';
import { troubleOf } from '../credential/trouble.ts';
import { type Watched, watched } from '../credential/watched.ts';
import type { Remedy } from '../failure/command.ts';
import { failureInWords } from '../failure/failures.ts';
import { errorFields } from '../log/log.ts';
import type { Timestamps } from '../telemetry/timestamps.ts';
import {
  type AnnounceContext,
  type Due,
  dueNow,
  eventsOf,
  isShared,
  type Part,
  publishAll,
  remember,
} from './announce.ts';
import type { RenovaEvent } from './event-publisher.ts';
import {
  calmOnes,
  type ProviderEpisodes,
  providerEpisodes,
  providerKey,
  TOGETHER,
  withFailure,
  withoutEpisode,
} from './provider-episodes.ts';
import { rendered } from './render-event.ts';
import { tellVault, VAULT } from './tell-unpublished.ts';

export interface TellContext extends AnnounceContext {
  readonly timestamps: Timestamps;
}

/** For how long a credential is not looked at that was told together with others. */
const COVERED_MS = 30 * 60_000;

/** A credential as far as it fails together with others. */
interface InTrouble {
  readonly credential: string;
  readonly key: string;
  readonly isFailing: boolean;
  readonly watched: Watched;
}

/** One credential with what is due to be told of it. */
interface Looked extends InTrouble {
  readonly record: CredentialRecord;
  readonly due: Due;
}

/**
 * Tells what is due of these credentials, their troubles too. Three or more of one provider that fail together are one
 * event, `Provider Failing`, and so is what follows of that provider until nothing of it has failed for a quarter of an
 * hour. `part`: of what is due. `isWhole`: how many fail is looked up whether that decides something or not. Never rejects.
 */
export async function tellTroubles(
  context: TellContext,
  records: readonly CredentialRecord[],
  { part = 'all', isWhole = false }: { readonly part?: Part; readonly isWhole?: boolean } = {},
): Promise<void> {
  try {
    // A damaged record is told by the inventory; nothing can be said of what it holds.
    const sound = records.filter((record) => faultOf(record) === undefined);
    const looked = sound.map((record) => look(context, record, part));
    const before = providerEpisodes(await recalled(context));
    const hasShared = looked.some(({ due }) => due.announcements.some(({ type }) => isShared(type)));
    const nowMs = context.clock.nowMs();
    const isOver = calmOnes(before, nowMs, context.timing).length > 0;
    // Read only when it decides something: how many fail of a provider that begins, or ceases, to.
    const whole = isWhole || hasShared || isOver ? await readTroubled(context) : undefined;
    const everything = whole && merged(whole, looked);
    const vault = await tellVault(context, before, looked, everything);
    const providers = await tellProviders(context, vault.episodes, looked, everything);
    if (providers.after !== before) await noted(context, providers.after);
    await tellEach(context, looked, providers, vault);
  } catch (error) {
    context.log.warn('troubles not told', errorFields(error));
  }
}

/** A table that is away keeps nobody from being told: then each credential is told by itself. */
async function recalled({ timestamps, log }: TellContext): Promise<unknown> {
  try {
    return await timestamps.recall('providers');
  } catch (error) {
    log.warn('episodes of providers not read', errorFields(error));
    return undefined;
  }
}

/** What was told is told, remembered or not: it may be told once more. */
async function noted({ timestamps, log }: TellContext, episodes: ProviderEpisodes): Promise<void> {
  try {
    await timestamps.note('providers', () => episodes);
  } catch (error) {
    log.warn('episodes of providers not noted', errorFields(error));
  }
}

function look(context: AnnounceContext, record: CredentialRecord, part: Part): Looked {
  const due = dueNow(context, record, part);
  const trouble = record.state === 'active' ? troubleOf(record, context.timing) : undefined;
  const isFailing =
    record.state === 'active' &&
    (record.failure !== undefined || (trouble !== undefined && trouble.tellAtMs <= context.clock.nowMs()));
  const { credential, tokenUrl } = record;
  return { credential, record, key: providerKey(tokenUrl), due, isFailing, watched: watched(record) };
}

/** All that fail or wait for their lanes, as the index shows them. */
async function readTroubled({ ledger, log }: AnnounceContext): Promise<InTrouble[] | undefined> {
  try {
    const found: InTrouble[] = [];
    for await (const { credential, watched } of ledger.attention('troubled')) {
      if (!watched) continue;
      const isFailing = watched.failure !== undefined || watched.unprintable === true;
      found.push({ credential, key: providerKey(watched.tokenUrl), isFailing, watched });
    }
    return found;
  } catch (error) {
    log.warn('ledger not read for what is told', errorFields(error));
    return undefined;
  }
}

/** The index is behind by moments: what was loaded is nearer to the truth. */
function merged(troubled: readonly InTrouble[], looked: readonly Looked[]): readonly InTrouble[] {
  const all = [...troubled, ...looked].map((one) => [one.credential, one] as const);
  return [...new Map(all).values()];
}

/** The providers whose credentials are told together, and those of which the bus did not take that. */
interface Providers {
  readonly open: ProviderEpisodes['open'];
  readonly untold: ReadonlySet<string>;
  readonly after: ProviderEpisodes;
}

/** Begins and ends the episodes of providers. */
async function tellProviders(
  context: TellContext,
  before: ProviderEpisodes,
  looked: readonly Looked[],
  everything: readonly InTrouble[] | undefined,
): Promise<Providers> {
  const isWhole = everything !== undefined;
  const untold = new Set<string>();
  const { clock, timing } = context;
  const nowMs = clock.nowMs();
  const failingOf = (key: string) =>
    (everything ?? looked).filter((one: InTrouble) => one.key === key && one.isFailing);
  let after = before;
  for (const [key, ones] of Map.groupBy(looked, (one) => one.key)) {
    const { record } = ones.find(({ isFailing }) => isFailing) ?? {};
    if (!record) continue;
    const { provider } = record;
    if (after.open[key]) {
      // What fails one at a time keeps nothing open: only who has looked at all knows how many do.
      if (isWhole && failingOf(key).length >= TOGETHER) {
        after = withFailure(after, key, provider, nowMs, timing);
      }
      continue;
    }
    const isDue = ones.some(({ due }) => due.announcements.some(({ type }) => isOfProvider(type)));
    const failing = failingOf(key);
    if (!isDue || failing.length < TOGETHER) continue;
    if (await publishAll(context, [providerFailing(context, key, failing)])) {
      after = withFailure(after, key, provider, nowMs, timing);
    } else untold.add(key);
  }
  for (const key of isWhole ? calmOnes(after, nowMs, timing) : []) {
    if (key === VAULT) continue;
    const { provider = key, failedAtMs = 0 } = after.open[key] ?? {};
    const left = failingOf(key).length;
    // What has begun to fail since then shows that it comes and goes; what has failed all along is told by itself.
    const isBack = failingOf(key).some(({ watched }) => (watched.failure?.sinceMs ?? 0) > failedAtMs);
    if (left >= TOGETHER || isBack) after = withFailure(after, key, provider, nowMs, timing);
    else if (await publishAll(context, [providerWell(context, key, provider, left)])) {
      after = withoutEpisode(after, key, nowMs);
    }
  }
  return { open: after.open, untold, after };
}

/** Tells of each what is its own, and remembers what was told of its provider. */
async function tellEach(
  context: TellContext,
  looked: readonly Looked[],
  { open, untold }: Providers,
  { isUntold }: { readonly isUntold: boolean },
): Promise<void> {
  const coveredUntilMs = context.clock.nowMs() + COVERED_MS / context.timing.scale;
  const isUnpublished = ({ due }: Looked) =>
    due.announcements.some(({ type }) => type === 'Token Unpublished');
  const toTell = looked.filter((one) => !untold.has(one.key) && !(isUntold && isUnpublished(one)));
  const own = toTell.map(({ record, key, due }) => {
    const ofVault = open[VAULT] ? coveredByVault(due, coveredUntilMs) : due;
    return {
      record,
      due: open[key] ? covered(ofVault, coveredUntilMs) : ofVault,
      isDue: due.announcements.length > 0,
    };
  });
  for (const { record, due, isDue } of own) {
    if (!isDue) continue;
    // A bus that does not take one takes none: what is left is told by the next tick.
    if (!(await publishAll(context, eventsOf(context, record, due)))) return;
    await remember(context, record, due.told);
  }
}

function covered({ announcements, told }: Due, coveredUntilMs: number): Due {
  const trouble: ToldTrouble | undefined = told.trouble && { ...told.trouble, coveredUntilMs };
  const isCovered = announcements.some(({ type }) => isOfProvider(type));
  if (!isCovered) return { announcements, told };
  return {
    announcements: announcements.filter(({ type }) => !isOfProvider(type)),
    told: { ...told, ...(trouble && { trouble }) },
  };
}

function coveredByVault({ announcements, told }: Due, coveredUntilMs: number): Due {
  if (!announcements.some(({ type }) => type === 'Token Unpublished')) return { announcements, told };
  return {
    announcements: announcements.filter(({ type }) => type !== 'Token Unpublished'),
    told: { ...told, ...(told.unpublished && { unpublished: { ...told.unpublished, coveredUntilMs } }) },
  };
}

/** True for what the credentials of one provider may have in common; what is unpublished is the vault's affair. */
function isOfProvider(type: Announcement['type']): boolean {
  return isShared(type) && type !== 'Token Unpublished';
}

function providerFailing(context: TellContext, key: string, failing: readonly InTrouble[]): RenovaEvent {
  const failures = failing.flatMap(({ watched }) => watched.failure ?? []);
  const [first] = failures;
  const [{ watched: one } = {}] = failing;
  const why = first ? failureInWords(first) : 'no failure is noted, but their tokens are not renewed';
  const explanation = `${failing.length} credentials of ${one?.provider} at ${key} fail together: ${why}.`;
  const remedy: Remedy = {
    text: 'See the status page of the provider, and whether there was a deployment. Renova tries each again by itself. What is wrong with each:',
    command: { name: 'doctor' },
  };
  return ofProvider(context, one?.provider ?? key, {
    credentials: failing.length,
    reason: first?.reason,
    explanation,
    ...rendered(remedy, context.environment, context.links ?? {}),
    runbook: runbookOf('Provider Failing', context.links?.runbook),
  });
}

function providerWell(context: TellContext, key: string, provider: string, left: number): RenovaEvent {
  const others =
    left === 0
      ? ''
      : ` ${left === 1 ? 'One still fails and is' : `${left} still fail and are`} told by itself.`;
  return ofProvider(context, provider, {
    credentials: 0,
    explanation: `The credentials of ${provider} at ${key} have been refreshed again for a while.${others}`,
  });
}

/** `*`: it is about all credentials of the provider, and about none. */
function ofProvider(
  { environment, clock }: TellContext,
  provider: string,
  detail: Pick<
    RenovaEvent['detail'],
    'credentials' | 'reason' | 'explanation' | 'remedy' | 'command' | 'runbook'
  >,
): RenovaEvent {
  const at = new Date(clock.nowMs()).toISOString();
  return {
    type: 'Provider Failing',
    detail: { environment, credential: '*', provider, generation: 0, at, ...detail },
  };
}
