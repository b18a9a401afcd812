import * as v from 'valibot';
import { runbookOf } from '../config/events.ts';
import type { CredentialRecord } from '../credential/credential.ts';
import { faultOf } from '../credential/record-fault.ts';
import { failureRemedy } from '../failure/failures.ts';
import { reasonInWords } from '../failure/reasons.ts';
import { errorFields } from '../log/log.ts';
import { publishAll } from './announce.ts';
import type { RenovaEvent } from './event-publisher.ts';
import { rendered } from './render-event.ts';
import type { TellContext } from './tell-troubles.ts';

const REASON = 'damaged-record';
/** The damaged member of each credential that was told. */
const Stored = v.record(v.string(), v.string());

/**
 * Tells of each record that Renova cannot have written, once, and when it is as it should be again. What was told is
 * remembered apart: nothing is written into such a record. Never rejects.
 */
export async function tellDamaged(context: TellContext, records: readonly CredentialRecord[]): Promise<void> {
  const { timestamps, log } = context;
  try {
    const before = toldOf(await timestamps.recall('damaged'));
    const events = new Map<string, { readonly member?: string; readonly event: RenovaEvent }>();
    for (const record of records) {
      const { credential } = record;
      const member = faultOf(record);
      if (member !== undefined) log.error('damaged record', { credential, member });
      if (member !== undefined && before[credential] === undefined) {
        events.set(credential, { member, event: damaged(context, credential, member) });
      } else if (member === undefined && before[credential] !== undefined) {
        events.set(credential, { event: restored(context, record) });
      }
    }
    if (events.size === 0) return;
    if (
      !(await publishAll(
        context,
        [...events.values()].map(({ event }) => event),
      ))
    )
      return;
    await timestamps.note('damaged', (now) => {
      const after = new Map(Object.entries(toldOf(now)));
      for (const [credential, { member }] of events) {
        if (member === undefined) after.delete(credential);
        else after.set(credential, member);
      }
      return Object.fromEntries(after);
    });
  } catch (error) {
    log.warn('damaged records not told', errorFields(error));
  }
}

function toldOf(note: unknown): Readonly<Record<string, string>> {
  const { success, output } = v.safeParse(Stored, note);
  return success ? output : {};
}

function damaged({ environment, clock, links = {} }: TellContext, id: string, member: string): RenovaEvent {
  const remedy = failureRemedy({ credential: id, outcome: 'not-ready', reason: REASON });
  return {
    type: 'Credential Misconfigured',
    detail: {
      environment,
      credential: id,
      // Nothing in it can be relied on.
      ...{ provider: '*', generation: 0, at: new Date(clock.nowMs()).toISOString(), reason: REASON },
      explanation: `${id} cannot be relied on${reasonInWords(REASON)}: the first wrong member is ${member}. Its refreshes fail or stop.`,
      outlook: 'Readers get the last published token while it lives.',
      ...rendered(remedy, environment, links),
      runbook: runbookOf('Credential Misconfigured', links.runbook),
    },
  };
}

function restored({ environment, clock }: TellContext, record: CredentialRecord): RenovaEvent {
  const { credential, provider, generation } = record;
  return {
    type: 'Credential Recovered',
    detail: {
      ...{ environment, credential, provider, generation, at: new Date(clock.nowMs()).toISOString() },
      explanation: `The record of ${credential} in the ledger is as it should be again.`,
    },
  };
}
