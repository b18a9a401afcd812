import * as v from 'valibot';
import { isArn, newArn } from '../arn.ts';
import { invalidParameter, secretMarkedForDeletion } from '../errors.ts';
import { secretId } from '../fields.ts';
import { defineOperation, type OperationContext } from '../operation.ts';
import { epochSeconds } from '../stored-secret.ts';

const SHORTEST_WINDOW_DAYS = 7;
const LONGEST_WINDOW_DAYS = 30;

const request = v.object({
  SecretId: secretId,
  RecoveryWindowInDays: v.optional(v.number()),
  ForceDeleteWithoutRecovery: v.optional(v.boolean(), false),
});

/**
 * DeleteSecret: marks the secret for deletion at the end of a recovery window of 7 to 30 days (default 30),
 * or removes it at once by force, which an unknown secret does not refuse.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
 */
export const deleteSecret = defineOperation(request, (context, input) => {
  const { RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: force } = input;
  if (force && days !== undefined) {
    throw invalidParameter(
      "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
    );
  }
  if (
    days !== undefined &&
    !(Number.isInteger(days) && days >= SHORTEST_WINDOW_DAYS && days <= LONGEST_WINDOW_DAYS)
  ) {
    throw invalidParameter('RecoveryWindowInDays value must be between 7 and 30 days (inclusive).');
  }
  return force
    ? deleteNow(context, input.SecretId)
    : schedule(context, input.SecretId, days ?? LONGEST_WINDOW_DAYS);
});

function schedule({ secrets, nowMs, dayMs }: OperationContext, id: string, days: number) {
  const secret = secrets.get(id);
  if (secret.deletionAtMs !== undefined) throw secretMarkedForDeletion();
  const deletionAtMs = nowMs + days * dayMs;
  secrets.commit({ ...secret, deletionAtMs, lastChangedAtMs: nowMs });
  return { ARN: secret.arn, Name: secret.name, DeletionDate: epochSeconds(deletionAtMs) };
}

function deleteNow({ secrets, nowMs, region, random }: OperationContext, id: string) {
  const secret = secrets.find(id);
  if (secret) secrets.remove(secret);
  return {
    ARN: secret?.arn ?? (isArn(id) ? id : newArn(region, id, random)),
    Name: secret?.name ?? id,
    DeletionDate: epochSeconds(nowMs),
  };
}
