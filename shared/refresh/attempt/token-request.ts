import { type RequestSettings, requestSettingsOf } from '../../credential/settings.ts';
import { throttleWordsOf } from '../../provider/profiles.ts';
import type { Secret } from '../../secret/secret.ts';
import type { ClientSecret, Grant, LoginCode, TokenRequest } from '../../token-endpoint/token-endpoint.ts';

/** What a token request is made of. */
interface RequestParts {
  readonly settings: RequestSettings & { readonly provider?: string };
  readonly client: ClientSecret;
  /** What a login is made by, where there is no refresh token. */
  readonly grant: Grant;
  readonly refreshToken?: Secret;
  /** A code to exchange instead. */
  readonly code?: LoginCode;
}

/** The token request that the settings ask for: a refresh if there is a refresh token, a login if not. Pure. */
export function tokenRequestOf({ settings, client, grant, refreshToken, code }: RequestParts): TokenRequest {
  const { refreshUrl, refreshScope, answerSeconds: _, ...request } = requestSettingsOf(settings);
  const isRefresh = refreshToken !== undefined;
  return {
    ...request,
    tokenUrl: (isRefresh && refreshUrl) || request.tokenUrl,
    client,
    grant: isRefresh ? 'refresh_token' : grant,
    refreshToken,
    ...(code && { code }),
    scope: isRefresh && refreshScope === 'omit' ? undefined : request.scope,
    throttleWords: throttleWordsOf(settings.provider),
  };
}
