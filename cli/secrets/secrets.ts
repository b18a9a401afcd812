import type { Secret } from '../../shared/secret/secret.ts';
import type { ClientMember } from '../../shared/vault/stored-client.ts';

/** Members of a request beside `client` that are secrets. */
export const TOKEN_MEMBERS = ['refresh_token', 'access_token'] as const;

/** What an operator may be asked for, by its name on the wire. All but the tokens are of `client`. */
export type SecretMember = Exclude<ClientMember, 'headers'> | (typeof TOKEN_MEMBERS)[number];

export type Secrets = Partial<Record<SecretMember, Secret>> & {
  /** `client.headers`, by name. */
  headers?: Readonly<Record<string, Secret>>;
};
