import { MAX_LANES } from '../shared/vault/lanes.ts';
import { callMembers, type Token } from './token.ts';

/** A published value. Its token is in clear: it goes nowhere but into `newToken`. */
export interface PublishedToken extends Token {
  /** How many lanes the credential had when this was written. */
  readonly lanes: number;
}

/** The value of a lane; undefined for a text that is none. */
export function parsePublished(text: string): PublishedToken | undefined {
  const value = parsed(text);
  if (!value || typeof value.access_token !== 'string' || typeof value.generation !== 'number')
    return undefined;
  const expiresAtMs = Date.parse(String(value.expires_at));
  const lanes = Math.trunc(Number(value.lanes)) || 1;
  if (Number.isNaN(expiresAtMs)) return undefined;
  return {
    accessToken: value.access_token,
    tokenType: String(value.token_type ?? 'Bearer'),
    scope: String(value.scope ?? ''),
    generation: value.generation,
    expiresAtMs,
    holdUntilMs: Math.min(timeMs(value.refresh_after) ?? 0, expiresAtMs),
    issuedAtMs: timeMs(value.issued_at),
    chain: typeof value.chain === 'string' ? value.chain : undefined,
    lanes: Math.min(MAX_LANES, Math.max(1, lanes)),
    ...callMembers(value),
  };
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function timeMs(value: unknown): number | undefined {
  const ms = Date.parse(String(value));
  return Number.isNaN(ms) ? undefined : ms;
}
