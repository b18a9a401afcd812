import assert from 'node:assert/strict';
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SecretNames } from '../../shared/config/names.ts';
import { laneAt, laneBefore } from '../../shared/vault/lanes.ts';
import type { PublishedValue } from '../../shared/vault/published-value.ts';
import type { Door, ReadToken } from '../support/workload.ts';
import type { Operator, ReadAnswer } from './operator.ts';

/** What a door may say when there is no token to be had: temporary by contract, and no failure. */
export const TEMPORARY: readonly string[] = ['refresh-pending', 'provider-unavailable'];

/**
 * Reads the published secrets as docs tell workloads to: the lane of the slot and the one before, the
 * higher generation wins; all lanes when that one is expired.
 */
export function lanesDoor(secretsManager: SecretsManagerClient, secrets: SecretNames, dayMs: number): Door {
  const lanesOf = new Map<string, number>();
  const readLane = async (credential: string, lane: number): Promise<PublishedValue> => {
    const command = new GetSecretValueCommand({ SecretId: secrets.lane(credential, lane) });
    const value = JSON.parse((await secretsManager.send(command)).SecretString ?? '') as PublishedValue;
    lanesOf.set(credential, value.lanes);
    return value;
  };
  const highest = async (credential: string, lanes: readonly number[]): Promise<PublishedValue> => {
    const values = await Promise.all(lanes.map((lane) => readLane(credential, lane)));
    return values.reduce((best, value) => (value.generation > best.generation ? value : best));
  };
  return {
    name: 'lanes',
    async read(credential) {
      const readFromMs = Date.now();
      const lanes = lanesOf.get(credential) ?? (await readLane(credential, 0)).lanes;
      const now = laneAt(Date.now(), lanes, dayMs);
      const value = await highest(credential, [now, laneBefore(now, lanes)]);
      const all = Array.from({ length: lanes }, (_, lane) => lane);
      const expired = Date.parse(value.expires_at) <= Date.now();
      return readToken(expired ? await highest(credential, all) : value, readFromMs);
    },
  };
}

/** Invokes the read function, which may say that it has no token in one of the given codes. */
export function invokeDoor(operator: Operator, codes = TEMPORARY): Door {
  return {
    name: 'invoke',
    async read(credential) {
      const readFromMs = Date.now();
      const answer = await operator.read(credential);
      if (answer.error && codes.includes(answer.error.code)) return undefined;
      assert.equal(answer.error, undefined, 'invoke');
      return readToken(answer, readFromMs);
    },
  };
}

/** As {@link invokeDoor} over HTTP: holds the token for `max-age` without asking, and then asks with its ETag. */
export function httpDoor(apiUrl: string, codes = TEMPORARY): Door {
  const held = new Map<string, { token: ReadToken; etag: string; freshUntilMs: number }>();
  return {
    name: 'http',
    async read(credential) {
      const before = held.get(credential);
      const readFromMs = Date.now();
      if (before && readFromMs < before.freshUntilMs) return before.token;
      const headers = before ? { 'if-none-match': before.etag } : undefined;
      const response = await fetch(`${apiUrl}/tokens/${credential}`, { headers });
      const body = await response.text();
      if (response.status >= 400) {
        const { code } = JSON.parse(body) as { code: string };
        assert.ok(codes.includes(code), `GET /tokens/${credential}: ${response.status} ${code}`);
        return undefined;
      }
      const etag = response.headers.get('etag') ?? '';
      if (response.status === 304) assert.equal(etag, before?.etag, 'ETag of a 304');
      else assert.equal(response.status, 200, `GET /tokens/${credential}`);
      const token =
        before && response.status === 304
          ? { ...before.token, readFromMs }
          : readToken(JSON.parse(body) as ReadAnswer, readFromMs);
      const maxAge = /^private, max-age=(\d+)$/.exec(response.headers.get('cache-control') ?? '')?.[1];
      assert.notEqual(maxAge, undefined, 'Cache-Control');
      held.set(credential, { token, etag, freshUntilMs: readFromMs + Number(maxAge) * 1000 });
      return token;
    },
  };
}

function readToken(value: ReadAnswer | PublishedValue, readFromMs: number): ReadToken {
  return {
    accessToken: value.access_token,
    generation: value.generation,
    expiresAtMs: Date.parse(value.expires_at),
    refreshAfterMs: Date.parse(value.refresh_after),
    readFromMs,
  };
}
