import * as v from 'valibot';
import { ASSERTION_ALGORITHMS } from '../token-endpoint/request/client-assertion.ts';
import type { ClientMember } from '../vault/stored-client.ts';
import { SecretHeaders } from './header-request.ts';
import { Moment, MostSecret, Name, NoControls, SecretText, Trimmed, TrimmedName } from './request-values.ts';

/** The client secret of a request, and how it is stored. The compiler leads here when a member is added. */
const entries = {
  client_id: v.optional(TrimmedName),
  /** Empty: only the client authentication `basic` takes that. */
  client_secret: v.optional(v.pipe(v.string('a string'), MostSecret, Trimmed, NoControls)),
  username: v.optional(Name),
  password: v.optional(SecretText),
  network: v.optional(Name),
  headers: v.optional(SecretHeaders),
  private_key: v.optional(SecretText),
  key_id: v.optional(TrimmedName),
  algorithm: v.optional(v.picklist(ASSERTION_ALGORITHMS, ASSERTION_ALGORITHMS.join(', '))),
  certificate: v.optional(SecretText),
  expires_at: v.optional(
    v.pipe(
      Moment,
      v.transform((ms) => new Date(ms).toISOString()),
    ),
  ),
} satisfies Readonly<Record<ClientMember, v.GenericSchema>>;

export const Client = v.strictObject(entries);
