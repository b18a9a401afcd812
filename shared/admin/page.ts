import * as v from 'valibot';
import type { CredentialRecord } from '../credential/credential.ts';
import type { AdminContext } from './context.ts';
import { CredentialId } from './request-values.ts';

/** An answer of Lambda holds 6 MB; what is in it beside the credentials has the rest. */
const MOST_BYTES = 4_500_000;
/** The admin function has a minute; what has been read for so long is answered. */
const MOST_MS = 25_000;
const AT_A_TIME = 10;

/** Members of a request for one page of many. */
export const PAGE_MEMBERS = { after: v.optional(CredentialId) } as const;

export interface PageOptions<Shown> {
  /** Begins behind this credential, as the `next` of the page before says. */
  readonly after?: string | undefined;
  readonly isWanted?: (record: CredentialRecord) => boolean;
  readonly show: (record: CredentialRecord) => Shown | Promise<Shown>;
}

export interface Page<Shown> {
  /** By id. */
  readonly shown: readonly Shown[];
  readonly records: readonly CredentialRecord[];
  /** There are more: ask again with this as `after`. */
  readonly next?: string;
}

/**
 * As many registered credentials as one answer can hold and one invocation has time for, ten at a time. The pages
 * follow the order of the ledger, and no credential is on two. Rejects as the ledger and `show` do.
 */
export async function readPage<Shown>(
  context: Pick<AdminContext, 'ledger' | 'clock'>,
  { after, isWanted = () => true, show }: PageOptions<Shown>,
): Promise<Page<Shown>> {
  const { ledger, clock } = context;
  const endMs = clock.monotonicMs() + MOST_MS;
  const found: { readonly record: CredentialRecord; readonly shown: Shown }[] = [];
  let waiting: CredentialRecord[] = [];
  let bytes = 0;
  const showWaiting = async () => {
    const all = await Promise.all(waiting.map(async (record) => ({ record, shown: await show(record) })));
    for (const one of all) bytes += Buffer.byteLength(JSON.stringify(one.shown));
    found.push(...all);
    waiting = [];
  };
  let last: string | undefined;
  let next: string | undefined;
  for await (const record of ledger.list({ after })) {
    if (last !== undefined && (bytes >= MOST_BYTES || clock.monotonicMs() >= endMs)) {
      next = last;
      break;
    }
    last = record.credential;
    if (record.state !== 'removed' && isWanted(record)) waiting.push(record);
    if (waiting.length >= AT_A_TIME) await showWaiting();
  }
  await showWaiting();
  found.sort((a, b) => (a.record.credential < b.record.credential ? -1 : 1));
  return {
    shown: found.map(({ shown }) => shown),
    records: found.map(({ record }) => record),
    ...(next !== undefined && { next }),
  };
}
