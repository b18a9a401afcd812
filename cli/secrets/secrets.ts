import type { Secret } from '../../shared/secret/secret.ts';

/** What an operator may be asked for, by its name on the wire. All but `refresh_token` are of `client`. */
export type SecretMember =
  | 'client_id'
  | 'client_secret'
  | 'username'
  | 'password'
  | 'network'
  | 'refresh_token';

export type Secrets = Partial<Record<SecretMember, Secret>>;
