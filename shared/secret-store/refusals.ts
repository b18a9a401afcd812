import { RequestTokenReusedError, SecretNotFoundError, VersionQuotaError } from './secret-store.ts';

/** The refusals of the port, in the same words from every adapter. */
export const refusals = {
  secretNotFound: () => new SecretNotFoundError('there is no such secret: create it first'),
  versionQuota: () =>
    new VersionQuotaError('the secret has 100 versions younger than 24 hours: write another secret'),
  requestTokenReused: () =>
    new RequestTokenReusedError('requestToken has written another value: use a fresh one'),
} as const;
