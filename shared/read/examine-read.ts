import { VERSION } from '../config/version.ts';
import { reasonOfError } from '../failure/reasons.ts';
import { errorFields } from '../log/log.ts';
import type { ReadContext } from './read-token.ts';

/** What is tried: what every read needs and no registration shows. */
export interface ReadExaminationContext extends Pick<ReadContext, 'clock' | 'ledger'> {
  readonly sealer: { readyToRead(): Promise<void> };
}

/** True for a direct invoke that asks how the read function is: `{"examine": true}`. */
export function isReadExamination(event: unknown): boolean {
  return typeof event === 'object' && event !== null && 'examine' in event && event.examine === true;
}

/** What the read function finds of itself, for `doctor`: why it cannot read the ledger or open access tokens. Never rejects. */
export async function examineRead({ clock, ledger, sealer }: ReadExaminationContext) {
  const [cannotRead, cannotOpen] = await Promise.all([
    whyNot(ledger.load(NOBODY)),
    whyNot(sealer.readyToRead()),
  ]);
  return {
    version: VERSION,
    at: new Date(clock.nowMs()).toISOString(),
    ...(cannotRead && { ledger: cannotRead }),
    ...(cannotOpen && { ring: cannotOpen }),
  };
}

/** Any id will do: whether it is registered makes no difference. */
const NOBODY = 'nobody';

async function whyNot(work: Promise<unknown>) {
  try {
    await work;
    return undefined;
  } catch (error) {
    return reasonOfError(errorFields(error));
  }
}
