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
