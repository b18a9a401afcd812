import type { Refreshed } from '../refresh/context.ts';
import type { Seed } from '../refresh/seed-chain.ts';

/** What the read and admin functions ask of the refresh function, the only one that calls providers. */
export interface RefreshService {
  /** Refreshes one credential now. Rejects with {@link RefreshServiceError}. */
  refresh(request: RefreshRequest): Promise<Refreshed>;
  /** Starts a credential's first chain; false if the id is registered. Rejects with {@link RefreshServiceError}. */
  seed(seed: Seed): Promise<boolean>;
}

export interface RefreshRequest {
  readonly credential: string;
  readonly force?: boolean;
  /** Refresh only if this is still the current generation. */
  readonly ifGeneration?: number;
  /** The provider refused the token of that generation. */
  readonly refused?: boolean;
  /** How long to wait for a permit or for another's attempt. */
  readonly waitMs: number;
}

/** The refresh function could not be asked, or failed. */
export class RefreshServiceError extends Error {
  readonly code = 'refresh-service-unavailable';
  override readonly name = 'RefreshServiceError';
}
