import * as v from 'valibot';
import { Secret } from '../secret/secret.ts';
import type { ClientSecret } from '../token-endpoint/token-endpoint.ts';

const text = v.optional(v.string());

/**
 * Every member of a credential's client secret, as operators write it (`client.<member>`) and as the vault holds it.
 * The one list: requests, messages between functions, `--secrets -` and the questions of the commands derive from it.
 */
export const CLIENT_MEMBERS = {
  client_id: text,
  client_secret: text,
  username: text,
  password: text,
  network: text,
  headers: v.optional(v.record(v.string(), v.string())),
  private_key: text,
  key_id: text,
  algorithm: text,
  certificate: text,
  /** When the provider takes the client secret no longer (RFC 3339). Nothing is sent of it. */
  expires_at: text,
} as const;

export type ClientMember = keyof typeof CLIENT_MEMBERS;

/** A client secret of any version: members that are not known are dropped. */
export const AnyStoredClient = v.object(CLIENT_MEMBERS);
/** A client secret between functions of one version. */
export const ExactStoredClient = v.strictObject(CLIENT_MEMBERS);

export type StoredClient = v.InferOutput<typeof AnyStoredClient>;

/** A client secret as it is stored. */
export function renderClient(client: StoredClient): Secret {
  return new Secret(JSON.stringify(client));
}

/** What a request needs of a client secret as it is stored or given. A new member makes the compiler lead here. */
export function clientSecretOf(stored: StoredClient): ClientSecret {
  const { client_id = '', client_secret, username, password, network, headers, ...more } = stored;
  const { private_key, key_id, algorithm, certificate, expires_at: _end, ...unknown } = more;
  unknown satisfies Readonly<Record<string, never>>;
  return {
    clientId: client_id,
    clientSecret: secret(client_secret),
    username,
    password: secret(password),
    network,
    headers:
      headers &&
      Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, new Secret(value)])),
    privateKey: secret(private_key),
    keyId: key_id,
    algorithm,
    certificate: secret(certificate),
  };
}

function secret(value: string | undefined): Secret | undefined {
  return value === undefined ? undefined : new Secret(value);
}
