import type { DeviceCodes } from '../device-endpoint/device-endpoint.ts';
import type { RefreshResult } from '../refresh/context.ts';
import type { Examination } from '../refresh/operator/examine.ts';
import type { Login, RefusedLogin } from '../refresh/operator/log-in.ts';
import type { SealRotation } from '../refresh/operator/rotate-seal.ts';
import type { Reseed, ReseedResult, Seed } from '../refresh/operator/seed-chain.ts';
import type { Adoption, AdoptionResult } from '../refresh/recovery/adopt-answer.ts';
import type { RecoverResult } from '../refresh/recovery/recover-chain.ts';
import type { OpenedAnswer } from '../refresh/recovery/unreadable-answer.ts';
import type { LoginCode } from '../token-endpoint/token-endpoint.ts';
import type { ClientOwner } from '../vault/client-secrets.ts';
import type { StoredClient } from '../vault/stored-client.ts';

/** A client secret after a change. */
export interface UpdatedClient {
  /** When its certificate ends (epoch ms), whether that was changed or not; absent: it has none. */
  readonly certificateEndMs?: number;
}

/**
 * What the read and admin functions ask of the refresh function: the only one that calls providers, holds
 * client secrets and opens refresh tokens. Every method rejects with {@link RefreshServiceError}, those that log
 * in also with {@link LoginRefusedError}.
 */
export interface RefreshService {
  /** Refreshes one credential now. */
  refresh(request: RefreshRequest): Promise<RefreshResult>;
  /** Starts a credential's first chain; false if the id is registered. */
  seed(seed: Seed & OneLogin): Promise<boolean>;
  /** Starts a new chain; waits for an attempt in flight as long as `waitMs` says. */
  reseed(reseed: Reseed & OneLogin): Promise<ReseedResult>;
  /** Changes members of a client secret; those not given stay. Undefined: there is none. */
  updateClient(owner: ClientOwner, changes: Partial<StoredClient>): Promise<UpdatedClient | undefined>;
  /** The id of a client, which is no secret; undefined: it has none. */
  clientId(owner: ClientOwner): Promise<string | undefined>;
  /** Adopts the newest pair of the vault if it is newer than the ledger's. */
  recover(credential: string): Promise<RecoverResult>;
  /** The answers that could not be understood, the latest first. */
  unreadableAnswers(credential: string): Promise<readonly OpenedAnswer[]>;
  /** Begins a new chain with the refresh token that lies in that answer. */
  adoptAnswer(adoption: Adoption): Promise<AdoptionResult>;
  /** Rotates both seal keys. */
  rotateSeal(): Promise<SealRotation>;
  /** Sends an alert that says nothing is wrong, with a code to repeat; false: the event bus did not take it. */
  testAlert(code: string): Promise<boolean>;
  /** What the refresh function finds of itself. */
  examine(): Promise<Examination>;
  /** The networks that a user may log in to. */
  networks(settings: Login['settings'], login: StoredClient): Promise<readonly string[]>;
  /** Asks the provider for the codes of a device (RFC 8628). */
  startDevice(start: DeviceStart): Promise<DeviceCodes>;
}

export interface DeviceStart {
  readonly settings: Login['settings'];
  /** Device authorization endpoint. */
  readonly deviceUrl: string;
  /** Whose client it is; absent: `login` is the whole of it. */
  readonly owner?: ClientOwner;
  readonly login: StoredClient;
}

/** Instead of a refresh token: log in once with this, and do not keep it. */
export interface OneLogin {
  readonly login?: StoredClient;
  /** The code of a login in a browser: it is exchanged instead. Beside it, `login` is the client. */
  readonly code?: LoginCode;
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

/** The provider gave no token for a user name and a password: kind and short code of what it did instead. */
export class LoginRefusedError extends Error {
  readonly code = 'login-refused';
  override readonly name = 'LoginRefusedError';
  readonly outcome: RefusedLogin['outcome'];
  readonly reason: RefusedLogin['reason'];

  constructor({ outcome, reason }: RefusedLogin) {
    super(`The login brought no token (${outcome}).`);
    this.outcome = outcome;
    this.reason = reason;
  }
}
