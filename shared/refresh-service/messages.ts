import * as v from 'valibot';
import { CREDENTIAL_ID } from '../config/names.ts';
import type { CredentialSettings } from '../credential/credential.ts';
import type { Seed } from '../refresh/seed-chain.ts';
import { Secret } from '../secret/secret.ts';
import type { RefreshRequest } from './refresh-service.ts';

/** The refresh function's events, beside the schedule's (which has no `action`). */
const RefreshMessage = v.object({
  action: v.literal('refresh'),
  credential: v.pipe(v.string(), v.regex(CREDENTIAL_ID)),
  force: v.optional(v.boolean()),
  if_generation: v.optional(v.pipe(v.number(), v.integer())),
  refused: v.optional(v.boolean()),
  wait_ms: v.optional(v.pipe(v.number(), v.minValue(0)), 0),
});

const SeedMessage = v.object({
  action: v.literal('seed'),
  settings: v.custom<CredentialSettings>((value) => typeof value === 'object' && value !== null),
  chain: v.string(),
  lanes: v.pipe(v.number(), v.integer(), v.minValue(1)),
  refresh_token: v.optional(v.string()),
});

export const ActionMessage = v.variant('action', [RefreshMessage, SeedMessage]);
export type ActionMessage = v.InferOutput<typeof ActionMessage>;

/** A request to refresh, as it travels. */
export function refreshMessage(request: RefreshRequest): v.InferInput<typeof RefreshMessage> {
  return {
    action: 'refresh',
    credential: request.credential,
    force: request.force,
    if_generation: request.ifGeneration,
    refused: request.refused,
    wait_ms: request.waitMs,
  };
}

/** A seed, as it travels: the one message that holds a refresh token, between two functions of the stack. */
export function seedMessage(seed: Seed): v.InferInput<typeof SeedMessage> {
  return {
    action: 'seed',
    settings: seed.settings,
    chain: seed.chain,
    lanes: seed.lanes,
    refresh_token: seed.refreshToken?.reveal(),
  };
}

/** The seed of a message. */
export function seedOf(message: Extract<ActionMessage, { action: 'seed' }>): Seed {
  const { settings, chain, lanes, refresh_token } = message;
  return {
    settings,
    chain,
    lanes,
    refreshToken: refresh_token === undefined ? undefined : new Secret(refresh_token),
  };
}
