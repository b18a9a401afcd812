import { AdminError } from './admin-error.ts';
import type { AdminContext } from './context.ts';
import { findRecord } from './lookup.ts';
import { readPage } from './page.ts';
import { MaybeOneRequest, parseRequest } from './request.ts';

/**
 * Adopts newer sealed pairs from the vault, for one credential or for all, a page at a time: after the ledger was
 * restored.
 */
export async function recover(context: AdminContext, input: unknown) {
  const { credential, after } = parseRequest(MaybeOneRequest, input);
  const recoverOne = (record: { readonly credential: string }) =>
    context.refreshService.recover(record.credential);
  if (credential !== undefined) {
    return { credentials: [await recoverOne(await findRecord(context, credential))] };
  }
  const { shown, next } = await readPage(context, { after, show: recoverOne });
  return { credentials: shown, next };
}

/**
 * Rotates both seal keys, or goes on with a rotation that is `unfinished`. Rejects with {@link AdminError} `rotated-just-now`, or as the refresh
 * function does.
 */
export async function rotateSeal(context: AdminContext) {
  const { behind, ...rotation } = await context.refreshService.rotateSeal();
  if (behind) {
    throw new AdminError(
      'rotated-just-now',
      'The seal keys were rotated just now, and the vault does not show it everywhere yet.',
      {
        remedy: 'If they are to be rotated once more, wait 60 seconds, then:',
        command: { name: 'rotate-seal' },
      },
    );
  }
  return rotation;
}
