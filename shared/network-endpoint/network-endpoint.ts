import type { FailureReason } from '../failure/reasons.ts';
import type { Secret } from '../secret/secret.ts';
import type { PostLimits } from '../token-endpoint/token-endpoint.ts';

/** A new access token chooses the network that it works in (BSN.cloud: `PUT …/Self/Session/Network`). */
export interface NetworkRequest {
  readonly url: string;
  readonly accessToken: Secret;
  /** Name of the network. */
  readonly network: string;
  /** Absent: `renova`. */
  readonly userAgent?: string;
  /** PEM of the private authority of the URL. */
  readonly ca?: string;
}

/** What the choice came to. The token is as good as before, whatever it was. */
export type NetworkOutcome =
  | { readonly kind: 'chosen' }
  /** The provider does not take the access token (401): another is needed. */
  | { readonly kind: 'refused-token'; readonly reason: FailureReason }
  /** There is no such network, or the client may not enter it (any other 4xx): a setting is wrong. */
  | { readonly kind: 'refused-network'; readonly reason: FailureReason }
  /** No definite answer, or none yet: the same token chooses again later. */
  | { readonly kind: 'not-chosen'; readonly reason: FailureReason; readonly retryAfterSeconds?: number };

/** Chooses a network for an access token, once. Never rejects. Choosing it twice does no harm. */
export interface NetworkEndpoint {
  choose(request: NetworkRequest, limits: PostLimits): Promise<NetworkOutcome>;
}
