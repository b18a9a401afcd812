import type { FailureReason } from '../failure/reasons.ts';
import type { Outcome, PostLimits, TokenRequest } from '../token-endpoint/token-endpoint.ts';

/** What a device asks to be let in with (RFC 8628 §3.1): client and scope, as its token requests have them. */
export interface DeviceRequest extends Omit<TokenRequest, 'tokenUrl' | 'grant' | 'refreshToken' | 'code'> {
  /** The device authorization endpoint. */
  readonly deviceUrl: string;
}

/** What the provider answers (RFC 8628 §3.2), as it travels to the person who decides. */
export interface DeviceCodes {
  /** Names this login at the token endpoint: of no use without the client. */
  readonly device_code: string;
  /** What the person types. */
  readonly user_code: string;
  /** Where they type it. */
  readonly verification_uri: string;
  /** The same with the code in it. */
  readonly verification_uri_complete?: string;
  /** Seconds until the codes are of no use. */
  readonly expires_in: number;
  /** Seconds between two questions at least. */
  readonly interval: number;
}

export type DeviceOutcome =
  | { readonly kind: 'asked'; readonly codes: DeviceCodes }
  | {
      readonly kind: 'refused';
      readonly outcome: Exclude<Outcome['kind'], 'success'>;
      readonly reason: FailureReason;
    };

/** Asks a provider for the codes of a device, once. Never rejects. Nothing is spent by it. */
export interface DeviceEndpoint {
  ask(request: DeviceRequest, limits: PostLimits): Promise<DeviceOutcome>;
}
