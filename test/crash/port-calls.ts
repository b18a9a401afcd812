import { type Clock, WOKEN } from '../../shared/clock/clock.ts';
import { untilAborted } from '../../shared/secret-store/until-aborted.ts';
import { StoreUnavailableError } from '../../shared/table/table.ts';

/** One call that a container makes to the world outside. */
export interface PortCall {
  readonly container: string;
  readonly port: 'ledger' | 'quota' | 'timestamps' | 'vault' | 'provider' | 'bus';
  readonly operation: string;
  /** The key, or the last parts of the secret's name; of a save in the ledger, what it does to the record. */
  readonly name: string;
  /** The key of what it touches. */
  readonly key?: string;
  /** What is handed over. */
  readonly args?: readonly unknown[];
}

/**
 * What a call meets on its way. `before`: on the way there; if it rejects, nothing was done. `after`: on the way
 * back; if it rejects, the answer is lost. A promise that never settles: the container has stopped for ever.
 */
export interface Passage {
  before(call: PortCall): Promise<void>;
  after(call: PortCall): Promise<void>;
}

/** How long a client of a store tries before it gives up: three times 2.5 s and what lies between. */
export const CALL_LIMIT_MS = 8000;

/** Never settles. A new one each time: a promise that all shared would keep whatever waits for it. */
export const never = () => new Promise<never>(() => undefined);

/** Runs one atomic `effect` at the other end of a passage; gives up as an SDK client does. */
export async function passThrough<Answer>(
  passage: Passage,
  clock: Clock,
  call: PortCall,
  effect: () => Promise<Answer>,
  signal?: AbortSignal,
): Promise<Answer> {
  if (signal?.aborted) throw new StoreUnavailableError('aborted before it was sent');
  const timer = new AbortController();
  const sent = travel(passage, call, effect);
  const late = clock.sleep(CALL_LIMIT_MS, timer.signal).then(() => {
    if (timer.signal.aborted) return never();
    throw new StoreUnavailableError('no answer in time');
  });
  late.catch(() => undefined);
  sent.catch(() => undefined);
  try {
    return await untilAborted(Promise.race([sent, late]), signal);
  } catch (error) {
    throw signal?.aborted && error === signal.reason ? new StoreUnavailableError('aborted') : error;
  } finally {
    timer.abort(WOKEN);
  }
}

/** There and back. A refusal of the store travels back like any other answer. */
async function travel<Answer>(
  passage: Passage,
  call: PortCall,
  effect: () => Promise<Answer>,
): Promise<Answer> {
  await passage.before(call);
  const settled = await effect().then(
    (answer) => () => answer,
    (error: unknown) => () => {
      throw error;
    },
  );
  await passage.after(call);
  return settled();
}
