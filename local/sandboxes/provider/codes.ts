import { createHash } from 'node:crypto';
import { type Fingerprint, fingerprint, type IssuedToken, isExpired } from './fingerprint.ts';
import { TokenError } from './token-error.ts';
import type { CodeForm } from './token-form.ts';

/** A person allowed a client to act for them: the code of RFC 6749 §4.1, kept until it is spent. */
export interface CodeIssued {
  readonly type: 'code-issued';
  readonly code: IssuedToken;
  readonly client: Fingerprint;
  readonly scope: string;
  readonly redirectUri: Fingerprint;
  /** Of PKCE (RFC 7636), as `S256`; absent: the client did not use it. */
  readonly challenge?: string;
}

/** Codes, each good for one exchange. Decisions change nothing, changes decide nothing. */
export class Codes {
  readonly #codes = new Map<Fingerprint, CodeIssued & { spent: boolean }>();

  issue(issued: CodeIssued): void {
    this.#codes.set(issued.code.fingerprint, { ...issued, spent: false });
  }

  spend(code: Fingerprint): void {
    const found = this.#codes.get(code);
    if (found) found.spent = true;
  }

  /** Whether an exchange of this code came before: its grant is then to be ended (RFC 6749 §4.1.2). */
  isSpent(code: string): boolean {
    return this.#codes.get(fingerprint(code))?.spent === true;
  }

  /** What a code is good for at `nowMs`, or throws {@link TokenError} `invalid_grant`. */
  judge(form: CodeForm, client: Fingerprint, nowMs: number): CodeIssued {
    const found = this.#codes.get(fingerprint(form.code));
    if (found?.client !== client) {
      throw new TokenError('invalid_grant', 'code: was not issued to this client');
    }
    if (found.spent) throw new TokenError('invalid_grant', 'code: was used before; log in again');
    if (isExpired(found.code, nowMs)) throw new TokenError('invalid_grant', 'code: expired; log in again');
    if (found.redirectUri !== fingerprint(form.redirectUri)) {
      throw new TokenError('invalid_grant', 'redirect_uri: expected the one of the authorization request');
    }
    if (found.challenge !== challengeOf(form.codeVerifier)) {
      throw new TokenError(
        'invalid_grant',
        'code_verifier: expected the one that the code challenge was made of',
      );
    }
    return found;
  }
}

/** The code challenge of a verifier by `S256` (RFC 7636 §4.2). */
export function challengeOf(verifier: string | undefined): string | undefined {
  return verifier === undefined ? undefined : createHash('sha256').update(verifier).digest('base64url');
}
