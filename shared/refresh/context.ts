import type { SealedPair } from '../credential/credential.ts';
import type { AnnounceContext } from '../events/announce.ts';
import type { RefreshResultName, ResultReason } from '../failure/refresh-results.ts';
import type { NetworkEndpoint } from '../network-endpoint/network-endpoint.ts';
import type { Quota } from '../quota/quota.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { Timestamps } from '../telemetry/timestamps.ts';
import type { TokenEndpoint } from '../token-endpoint/token-endpoint.ts';
import type { ClientSecrets } from '../vault/client-secrets.ts';
import type { Publication } from '../vault/publication.ts';
import type { Rescue } from '../vault/rescue.ts';
import type { RefusalLog } from './outcome/refusal-log.ts';
import type { Turns } from './tick/bulkhead.ts';
import type { RefreshProcesses } from './tick/processes.ts';
import type { TickRhythm } from './tick/tick-rhythm.ts';

/** Everything the refresh protocol talks to. One for each container. */
export interface RefreshContext extends AnnounceContext {
  readonly quota: Quota;
  readonly sealer: Sealer;
  readonly clientSecrets: ClientSecrets;
  readonly rescue: Rescue;
  readonly publication: Publication;
  readonly tokenEndpoint: TokenEndpoint;
  readonly networkEndpoint: NetworkEndpoint;
  readonly timestamps: Timestamps;
  readonly refusalLog: RefusalLog;
  /** Pairs that no store has taken yet, by credential: tried again first thing in this container's next invocation. */
  readonly unstored: Map<string, SealedPair>;
  /** When the requests of a scarce quota have their turns: a tick goes on where the last one ended. */
  readonly turns: Turns;
  readonly tickRhythm: TickRhythm;
  /** Where a tick refreshes what perhaps ends its process; absent: alone in the tick's own. */
  readonly processes?: RefreshProcesses;
}

/** One invocation: how much of its time is left. */
export interface Invocation {
  remainingMs(): number;
}

/** What became of one credential in one invocation. */
export interface RefreshResult {
  readonly result: RefreshResultName;
  /** Short code that says more. */
  readonly reason?: ResultReason;
  readonly generation?: number;
  /** When it is worth looking again (epoch ms); absent: at its next due time. */
  readonly againAtMs?: number;
}
