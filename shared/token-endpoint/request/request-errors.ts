export type MissingPart =
  | 'client-id'
  | 'client-secret'
  | 'username'
  | 'password'
  | 'refresh-token'
  | 'private-key'
  | 'certificate';

/** A part that the grant or the client authentication needs is absent or empty. */
export class IncompleteTokenRequestError extends Error {
  readonly code = 'incomplete-token-request';
  override readonly name = 'IncompleteTokenRequestError';
  readonly missing: MissingPart;

  constructor(missing: MissingPart, neededBy: string) {
    super(
      `${missing.replace('-', '_')}: expected a value, because ${neededBy} needs it; update the credential`,
    );
    this.missing = missing;
  }
}

export type UnusablePart = 'private-key' | 'certificate' | 'ca' | 'header';

/** A part is there and no request can be made with it. The message never repeats the value. */
export class UnusablePartError extends Error {
  readonly code = 'unusable-part';
  override readonly name = 'UnusablePartError';
  readonly part: UnusablePart;

  constructor(part: UnusablePart, expected: string) {
    super(`${part.replace('-', '_')}: expected ${expected}; update the credential`);
    this.part = part;
  }
}
