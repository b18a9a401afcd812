/**
 * Every way in which a client proves who it is at the token endpoint, as operators name it (`client_auth`). The one
 * list: settings, commands and documents derive from it.
 */
export const CLIENT_AUTHS = ['post', 'basic', 'none', 'private_key_jwt', 'tls'] as const;

export type ClientAuth = (typeof CLIENT_AUTHS)[number];

/** Pure. */
export function isClientAuth(value: unknown): value is ClientAuth {
  return CLIENT_AUTHS.some((one) => one === value);
}

/** A member of the client secret that a client authentication needs, as operators name it (`client.<member>`). */
export type ClientAuthPart = 'client_id' | 'client_secret' | 'private_key' | 'certificate';

/** What a client authentication sends, and what it cannot do without. */
export interface ClientAuthTraits {
  /** What proves the client, for messages and documents: "the client secret in the body". */
  readonly proof: string;
  readonly needs: readonly ClientAuthPart[];
  /** The client secret may be empty: some providers give out an id alone and still want it by Basic. */
  readonly takesEmptySecret: boolean;
}

/**
 * RFC 6749 §2.3.1 (`post`, `basic`), §2.1 (`none`: a public client), RFC 7523 (`private_key_jwt`), RFC 8705 §2
 * (`tls`: the certificate of the connection).
 */
export const CLIENT_AUTH_TRAITS: Readonly<Record<ClientAuth, ClientAuthTraits>> = {
  post: {
    proof: 'client id and client secret in the body',
    needs: ['client_id', 'client_secret'],
    takesEmptySecret: false,
  },
  basic: {
    proof: 'client id and client secret by HTTP Basic',
    needs: ['client_id', 'client_secret'],
    takesEmptySecret: true,
  },
  none: { proof: 'the client id alone', needs: [], takesEmptySecret: true },
  private_key_jwt: {
    proof: 'an assertion signed with the private key',
    needs: ['client_id', 'private_key'],
    takesEmptySecret: true,
  },
  tls: {
    proof: 'the client id, and the certificate of the connection',
    needs: ['client_id', 'certificate', 'private_key'],
    takesEmptySecret: true,
  },
};
