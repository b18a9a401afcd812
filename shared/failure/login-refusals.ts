import type { RefusedLogin } from '../refresh/operator/log-in.ts';
import { FAILURES } from './failures.ts';
import { reasonInWords } from './reasons.ts';
import { RESULT_REASONS } from './refresh-results.ts';

/** What a person does whose login brought no token: nothing was spent, so it is made again. */
const REMEDIES: Readonly<Record<RefusedLogin['outcome'], string>> = {
  'refused-grant': 'Check user name, password and network.',
  'refused-client': 'Check user name, password, client id, client secret, client_auth, scope and token_url.',
  refused: 'Check user name, password, client id, client secret, client_auth, scope and token_url.',
  'no-permit': 'The provider allows no more requests just now; try again in a minute.',
  throttled: 'The provider allows no more requests just now; try again in a minute.',
  'not-sent': 'Check token_url, or wait until the provider is back.',
  unknown: 'Try again, and check token_url.',
  garbled: 'Try again, and check token_url.',
};

/** What a refused login came to, as a clause. Pure. */
export function loginInWords({ outcome, reason }: RefusedLogin): string {
  if (outcome === 'no-permit') return RESULT_REASONS.quota;
  return `${FAILURES[outcome].explanation}${reasonInWords(reason === outcome ? undefined : reason)}`;
}

/** What to do about it, as a sentence. Pure. */
export function loginRemedy({ outcome, reason }: RefusedLogin): string {
  if (reason === 'no-refresh-token') {
    return 'Register with grant password, so that Renova may log in again by itself.';
  }
  return REMEDIES[outcome];
}
