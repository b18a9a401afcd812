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

/** What proves the client: members that change together when its secret is replaced. */
const PROOF_MEMBERS = {
  client_id: text,
  client_secret: text,
  private_key: text,
  key_id: text,
  algorithm: text,
  certificate: text,
} as const;

type ClientProof = Readonly<Partial<Record<keyof typeof PROOF_MEMBERS, string>>>;

/**
 * A client secret of any version: members that are not known are dropped. `previous` is what proved the client before
 * an update, and is kept until the provider has accepted what took its place.
 */
export const AnyStoredClient = v.object({
  ...CLIENT_MEMBERS,
  previous: v.optional(v.object(PROOF_MEMBERS)),
});
/** A client secret between functions of one version. */
export const ExactStoredClient = v.strictObject(CLIENT_MEMBERS);

export type StoredClient = v.InferOutput<typeof AnyStoredClient>;

/**
 * A client secret with members changed. Where another proof takes the place of one, that one is kept beside it: of
 * several changes in a row the first, which was accepted. Pure.
 */
export function changedClient(before: StoredClient, changes: Partial<StoredClient>): StoredClient {
  const { previous: kept, ...rest } = before;
  const changed = { ...rest, ...changes };
  const previous = kept ?? proofOf(before);
  const isSame = PROOFS.every((member) => previous[member] === changed[member]);
  return isSame || !hasProof(previous) ? changed : { ...changed, previous };
}

/** The client secret with the proof that it had before; undefined: there is none. Pure. */
export function previousClient({ previous, ...client }: StoredClient): StoredClient | undefined {
  return previous && { ...without(client, PROOFS), ...previous };
}

const PROOFS = Object.keys(PROOF_MEMBERS) as readonly (keyof ClientProof)[];

function proofOf(client: StoredClient): ClientProof {
  const members = PROOFS.flatMap((member) => {
    const value = client[member];
    return value === undefined ? [] : [[member, value] as const];
  });
  return Object.fromEntries(members);
}

function hasProof({ client_secret, private_key, certificate }: ClientProof): boolean {
  return client_secret !== undefined || private_key !== undefined || certificate !== undefined;
}

function without<Members extends object>(members: Members, names: readonly string[]): Members {
  const entries = Object.entries(members).filter(([name]) => !names.includes(name));
  return Object.fromEntries(entries) as Members;
}

/** A client secret as it is stored. */
export function renderClient(client: StoredClient): Secret {
  return new Secret(JSON.stringify(client));
}

/** What a request needs of a client secret as it is stored or given. A new member makes the compiler lead here. */
export function clientSecretOf(stored: StoredClient): ClientSecret {
  const { client_id = '', client_secret, username, password, network, headers, ...more } = stored;
  const { private_key, key_id, algorithm, certificate, expires_at: _end, previous: _, ...unknown } = more;
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
