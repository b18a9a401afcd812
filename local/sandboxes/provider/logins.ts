import type { RegisteredClient } from './clients.ts';
import { type Fingerprint, fingerprint } from './fingerprint.ts';
import { TokenError } from './token-error.ts';
import type { ClientCredentialsForm, PasswordForm } from './token-form.ts';

/** A client (and a user of it, for the grant `password`) was given the right to log in by itself. */
export interface Enrolled extends RegisteredClient {
  readonly type: 'enrolled';
  readonly user?: { readonly username: Fingerprint; readonly password: Fingerprint };
}

type OwnLoginForm = PasswordForm | ClientCredentialsForm;

/** Who may log in by itself, and as whom. The grant of each login is named by {@link loginOf}. */
export class Logins {
  readonly #enrolled = new Map<string, Enrolled>();
  readonly #grants = new Set<string>();

  enrol(enrolled: Enrolled): void {
    const { client, user } = enrolled;
    this.#enrolled.set(name(client, user?.username), enrolled);
    this.#grants.add(`${client} ${user ? 'password' : 'client_credentials'}`);
  }

  /** The login and its scope, or throws {@link TokenError}: `unauthorized_client`, `invalid_grant`. */
  judge(form: OwnLoginForm): { readonly login: string; readonly scope: string } {
    const client = fingerprint(form.clientId);
    if (!this.#grants.has(`${client} ${form.grantType}`)) {
      throw new TokenError('unauthorized_client', 'grant_type: this client was not registered for it');
    }
    const login = loginOf(form);
    const enrolled = this.#enrolled.get(login);
    const password = form.grantType === 'password' ? fingerprint(form.password) : undefined;
    if (!enrolled || enrolled.user?.password !== password) {
      throw new TokenError('invalid_grant', 'username and password: not those of a user of this client');
    }
    return { login, scope: enrolled.scope };
  }
}

function loginOf(form: OwnLoginForm): string {
  const username = form.grantType === 'password' ? fingerprint(form.username) : undefined;
  return name(fingerprint(form.clientId), username);
}

function name(client: Fingerprint, username: Fingerprint | undefined): string {
  return `${client} ${username ?? ''}`;
}
