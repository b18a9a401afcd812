import { applyTransition } from '../../credential/apply-transition.ts';
import type { CredentialRecord } from '../../credential/credential.ts';
import { fail } from '../../credential/transitions/attempt.ts';
import { reasonOfError } from '../../failure/reasons.ts';
import { errorFields } from '../../log/log.ts';
import type { TokenRequest } from '../../token-endpoint/token-endpoint.ts';
import type { RefreshContext } from '../context.ts';
import { tokenRequestOf } from './token-request.ts';

/** Everything the post will need, in memory (I1); undefined when something is missing, which is noted. */
export async function prepare(
  context: RefreshContext,
  record: CredentialRecord,
): Promise<TokenRequest | undefined> {
  const { credential, pair } = record;
  try {
    await context.sealer.ready();
    // A chain that has just begun may have come with another client.
    const client = await context.clientSecrets.get(record, pair?.sealedAccess ? undefined : 0);
    const refreshToken = pair && (await context.sealer.refreshToken(credential, pair));
    return tokenRequestOf({ settings: record, client, grant: record.grant, refreshToken });
  } catch (error) {
    const { clock, timing, log } = context;
    const fields = errorFields(error);
    const reason = reasonOfError(fields);
    log.error('not ready to refresh', { credential, code: fields.code, reason });
    const failed = { outcome: 'not-ready', reason, atMs: clock.nowMs() } as const;
    const retryAtMs = failed.atMs + timing.tickMs / 2;
    await applyTransition(context, credential, (now) => {
      // A client that was moved while it was looked for is looked for anew: nothing failed.
      const isSame =
        now.chain === record.chain && now.generation === record.generation && now.app === record.app;
      // An attempt whose pair was kept may be there still, past its lease: it ends here, as it would at begin.
      return isSame && now.state === 'active'
        ? fail(now, { ...failed, retryAtMs }, record.attempt)
        : undefined;
    });
    return undefined;
  }
}
