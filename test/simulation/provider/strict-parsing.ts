import { Secret } from '../../../shared/secret/secret.ts';
import { classifyAnswer } from '../../../shared/token-endpoint/answer/token-response.ts';
import type { Classify } from './token-post.ts';

const decoder = new TextDecoder();

/**
 * Reads an answer as OAuth libraries do (measured with oauth4webapi 3.8 and openid-client 6.8): whatever is not
 * exactly RFC 6749 §5.1 is an error, and the body is gone, although the server has rotated.
 */
export const strictly: Classify = (answer, nowMs, request) => {
  if (answer.status < 200 || answer.status >= 300) return classifyAnswer(answer, nowMs, request);
  const isExact = answer.status === 200 && isTokenResponse(decoder.decode(answer.body));
  return isExact ? classifyAnswer(answer, nowMs, request) : { kind: 'garbled', body: new Secret('') };
};

function isTokenResponse(text: string): boolean {
  let members: Record<string, unknown>;
  try {
    members = Object(JSON.parse(text));
  } catch {
    return false;
  }
  const { access_token, token_type, expires_in, scope, id_token } = members;
  return (
    typeof access_token === 'string' &&
    typeof token_type === 'string' &&
    token_type.toLowerCase() === 'bearer' &&
    (expires_in === undefined || (expires_in !== null && Number.parseFloat(String(expires_in)) >= 0)) &&
    (scope === undefined || typeof scope === 'string') &&
    id_token === undefined
  );
}
