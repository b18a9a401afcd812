import type { Apps } from '../app/apps.ts';
import type { Clock } from '../clock/clock.ts';
import type { EnvironmentName, SecretNames } from '../config/names.ts';
import type { Timing } from '../config/timing.ts';
import type { CredentialRecord } from '../credential/credential.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Quota } from '../quota/quota.ts';
import type { Random } from '../random/random.ts';
import type { RefreshService } from '../refresh-service/refresh-service.ts';
import type { SecretStore } from '../secret-store/secret-store.ts';
import type { Publication } from '../vault/publication.ts';
import type { ProviderReach } from './provider-reach.ts';

/** Everything the operator's actions work with. */
export interface AdminContext {
  readonly env: EnvironmentName;
  /** Who asks, as they say: for the history of a credential. */
  readonly by?: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly timing: Timing;
  readonly ledger: Ledger<CredentialRecord>;
  readonly apps: Apps;
  readonly secretStore: SecretStore;
  readonly names: SecretNames;
  readonly publication: Pick<Publication, 'createLanes' | 'relabel' | 'removeParameter'>;
  readonly refreshService: RefreshService;
  /** The quotas as they fill. Absent: nothing is said of that. */
  readonly quota?: Pick<Quota, 'inUse'>;
  /** Absent: every provider may be posted to. */
  readonly reach?: ProviderReach;
}
