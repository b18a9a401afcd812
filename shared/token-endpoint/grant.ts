/**
 * Every OAuth grant by which a credential is kept alive, as operators name it and as it is sent (`grant_type`). The
 * one list: settings, commands and documents derive from it.
 */
export const GRANTS = ['refresh_token', 'password', 'client_credentials'] as const;

export type Grant = (typeof GRANTS)[number];

/** True for a grant with which a credential can log in by itself when its refresh token is refused. */
export function canLogIn(grant: Grant): boolean {
  switch (grant) {
    case 'refresh_token':
      return false;
    case 'password':
    case 'client_credentials':
      return true;
  }
}
