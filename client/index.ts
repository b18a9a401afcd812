export type { AwsCredentials } from '../shared/aws-signature/sign-v4.ts';
export type { SecretsClient } from './read-secret.ts';
export { type SignedFetchOptions, signedFetch } from './signed-fetch.ts';
export type { Token } from './token.ts';
export { TokenError } from './token-error.ts';
export {
  createTokenSource,
  type ReadApiSource,
  type SecretsManagerSource,
  type TokenSource,
  type TokenSourceOptions,
} from './token-source.ts';
export type { Fetch, FetchInit } from './transport.ts';
