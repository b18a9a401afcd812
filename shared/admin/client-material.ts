import { createPrivateKey } from 'node:crypto';
import type { CredentialSettings } from '../credential/settings.ts';
import { Secret } from '../secret/secret.ts';
import { signingKey, usualAlgorithm } from '../token-endpoint/request/client-assertion.ts';
import {
  certificateEndMs,
  type PrivateKey,
  privateKeyIn,
  readCertificates,
  readPrivateKey,
} from '../token-endpoint/request/key-material.ts';
import type { StoredClient } from '../vault/stored-client.ts';
import { AdminError } from './admin-error.ts';
import type { CommandStep } from './command-step.ts';

/**
 * Throws {@link AdminError} for a private key or a certificate that no request can be made with: one that cannot be
 * read, a key that fits neither its algorithm nor its certificate, and what has ended by `nowMs` (epoch ms).
 */
export function assertClientMaterial(
  { clientAuth }: Pick<CredentialSettings, 'clientAuth'>,
  client: StoredClient,
  nowMs: number,
): void {
  const key = client.private_key === undefined ? undefined : keyOf(client.private_key);
  if (key && clientAuth === 'private_key_jwt') assertSigns(key, client.algorithm);
  if (client.certificate !== undefined) assertCertificate(client.certificate, key, nowMs);
  if (client.expires_at !== undefined && Date.parse(client.expires_at) <= nowMs) {
    throw wrong('client.expires_at', 'has passed; give the client secret that works now, and its end');
  }
}

/** When the client secret or its certificate ends, whichever comes first (epoch ms); undefined: not known. Never throws. */
export function clientEndMs({ expires_at, certificate }: StoredClient): number | undefined {
  return earliest(
    expires_at === undefined ? undefined : Date.parse(expires_at),
    certificateEndMs(certificate),
  );
}

function earliest(...ends: (number | undefined)[]): number | undefined {
  const known = ends.filter((end) => end !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/**
 * The end of a client secret that was changed (epoch ms): one that takes the place of another does not end when that one
 * did, but with the certificate that stays beside it (`certificateMs`). Pure.
 */
export function changedEndMs(
  changes: StoredClient,
  beforeMs: number | undefined,
  certificateMs?: number,
): number | undefined {
  const { client_secret, private_key, certificate } = changes;
  const isNew = [client_secret, private_key, certificate].some((proof) => proof !== undefined);
  const endMs = clientEndMs(changes);
  return isNew || endMs !== undefined ? earliest(endMs, certificateMs) : beforeMs;
}

/** Said when the end of a client secret was known, and that of the new one is not. */
export const END_UNKNOWN: CommandStep = {
  step: 'end of the new client secret is not known: to be warned of it, give client.expires_at',
  ok: true,
};

function keyOf(text: string): PrivateKey {
  const key = readPrivateKey(new Secret(text));
  if (!key) throw wrong('client.private_key', 'expected a private key in PEM or as a JWK, not encrypted');
  return key;
}

function assertSigns(read: PrivateKey, asked: string | undefined): void {
  const algorithm = asked ?? read.algorithm ?? usualAlgorithm(read.key);
  if (algorithm !== undefined && signingKey(read, algorithm)) return;
  if (asked !== undefined) throw wrong('client.algorithm', 'does not fit the private key; leave it out');
  throw wrong('client.private_key', 'cannot sign an assertion; expected RSA, an elliptic curve or Ed25519');
}

function assertCertificate(pem: string, key: PrivateKey | undefined, nowMs: number): void {
  const [own] = readCertificates(pem) ?? [];
  if (!own) {
    throw wrong('client.certificate', 'expected a certificate in PEM (-----BEGIN CERTIFICATE-----)');
  }
  const beside = privateKeyIn(pem);
  const itsKey = beside === undefined ? key : keyOf(beside);
  if (!itsKey) throw wrong('client.private_key', 'is missing; the certificate needs its own');
  if (!own.checkPrivateKey(createPrivateKey(itsKey.key.export({ type: 'pkcs8', format: 'pem' })))) {
    throw wrong('client.private_key', 'is not the key of the certificate; give the two that belong together');
  }
  if (Date.parse(own.validTo) <= nowMs) {
    throw wrong('client.certificate', 'has ended; give the one that took its place');
  }
}

function wrong(field: string, message: string): AdminError {
  return new AdminError('invalid-request', `${field}: ${message}.`, { field });
}
