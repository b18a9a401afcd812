import type { Summary } from './summary.ts';

/** The command that mends a credential, without the target's options. None: nothing is to be mended. */
export interface Mend {
  readonly mend?: string;
  /** When something else is wrong than what is likely, and the command for that. */
  readonly otherwise?: { readonly when: string; readonly command: string };
}

/**
 * What mends a credential whose refreshes fail. Only what waits for a person needs another command than trying
 * again, which Renova does by itself. Pure.
 */
export function mendOf(summary: Summary): Mend {
  const { credential, outcome, reason } = summary;
  switch (outcome) {
    case 'refused-client':
    case 'refused':
      return refusedClient(summary);
    case 'refused-grant':
      // Of a login, for a refused refresh token is a lapse.
      return { mend: newClient(credential) };
    case 'garbled':
      return { mend: `rescue ${credential}` };
    case 'not-sent':
      return {
        mend: `refresh ${credential} --force`,
        otherwise: { when: 'its token URL is wrong', command: newTokenUrl(credential) },
      };
    case 'not-ready':
      return {
        mend: reason === 'invalid-client-secret' ? newClient(credential) : `refresh ${credential} --force`,
      };
    default:
      return { mend: `refresh ${credential} --force` };
  }
}

/** The provider's reason says which setting it does not like, when it says anything. */
function refusedClient({ credential, reason, client_auth }: Summary): Mend {
  if (reason === 'invalid_scope') return { mend: `update ${credential} --scope "<scope>"` };
  if (reason && NO_TOKEN_ENDPOINT.has(reason)) return { mend: newTokenUrl(credential) };
  const other = client_auth === 'post' ? 'basic' : 'post';
  return {
    mend: newClient(credential),
    otherwise: {
      when: `the provider wants the client secret ${other === 'post' ? 'in the body' : 'by HTTP Basic'}`,
      command: `update ${credential} --client-auth ${other}`,
    },
  };
}

/** What a server answers that has no token endpoint at that path. */
const NO_TOKEN_ENDPOINT = new Set(['http-404', 'http-405', 'http-410']);

const newClient = (credential: string) => `update ${credential} --client`;
const newTokenUrl = (credential: string) => `update ${credential} --token-url "<url>"`;
