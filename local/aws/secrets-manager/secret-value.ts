import * as v from 'valibot';
import { invalidParameter, ServiceError } from './errors.ts';
import { versionId } from './fields.ts';

/** What a version holds: text, or bytes in canonical Base64. */
export type SecretValue = { readonly text: string } | { readonly base64: string };

/** The bound on both kinds of value, in bytes. */
const MAX_VALUE_BYTES = 65_536;

const TOO_LONG = `Member must have length less than or equal to ${MAX_VALUE_BYTES}`;
const TOO_SHORT = 'Member must have length greater than or equal to 1';

/** The members of a request that write a version (CreateSecret, PutSecretValue, UpdateSecret). */
export const valueFields = {
  ClientRequestToken: v.optional(versionId),
  SecretString: v.optional(
    v.pipe(v.string(), v.minBytes(1, TOO_SHORT), v.maxBytes(MAX_VALUE_BYTES, TOO_LONG)),
  ),
  SecretBinary: v.optional(v.string()),
};

/** The value a request carries and the token that becomes its version's id. */
export interface NewValue {
  readonly versionId: string;
  readonly value: SecretValue;
}

/**
 * Reads the value members of a request, or nothing when it has none. Rejects with both kinds of value
 * (`InvalidParameterException`), a value without a `ClientRequestToken` (`InvalidRequestException`; SDKs fill
 * it in, raw callers must), and a `SecretBinary` that is not Base64 or out of bounds.
 */
export function newValueOf(request: {
  ClientRequestToken?: string | undefined;
  SecretString?: string | undefined;
  SecretBinary?: string | undefined;
}): NewValue | undefined {
  const { ClientRequestToken, SecretString, SecretBinary } = request;
  if (SecretString !== undefined && SecretBinary !== undefined) {
    throw invalidParameter(
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  }
  if (SecretString === undefined && SecretBinary === undefined) return undefined;
  if (ClientRequestToken === undefined) {
    throw new ServiceError(
      'InvalidRequestException',
      'You must provide a ClientRequestToken value. We recommend a UUID-type value.',
    );
  }
  const value =
    SecretBinary === undefined ? { text: SecretString ?? '' } : { base64: canonical(SecretBinary) };
  return { versionId: ClientRequestToken, value };
}

/** Whether two values are the same, as the idempotency rule compares them. */
export function sameValue(left: SecretValue, right: SecretValue): boolean {
  if ('text' in left) return 'text' in right && left.text === right.text;
  return 'base64' in right && left.base64 === right.base64;
}

/** The value as a response shows it. */
export function valueMembers(value: SecretValue): { SecretString: string } | { SecretBinary: string } {
  return 'text' in value ? { SecretString: value.text } : { SecretBinary: value.base64 };
}

/** One spelling for each sequence of bytes, so that equal bytes compare as equal. */
function canonical(base64: string): string {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) {
    throw new ServiceError('SerializationException', 'secretBinary must be Base64.');
  }
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length === 0 || bytes.length > MAX_VALUE_BYTES) {
    const constraint = bytes.length === 0 ? TOO_SHORT : TOO_LONG;
    throw new ServiceError(
      'ValidationException',
      `1 validation error detected: Value at 'secretBinary' failed to satisfy constraint: ${constraint}`,
    );
  }
  return bytes.toString('base64');
}
