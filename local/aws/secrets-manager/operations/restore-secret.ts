import * as v from 'valibot';
import { secretId } from '../fields.ts';
import { defineOperation } from '../operation.ts';

/**
 * RestoreSecret: takes the mark for deletion off again, while the recovery window lasts. A secret without
 * the mark stays as it is.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RestoreSecret.html
 */
export const restoreSecret = defineOperation(
  v.object({ SecretId: secretId }),
  ({ secrets, nowMs }, input) => {
    const secret = secrets.get(input.SecretId);
    if (secret.deletionAtMs !== undefined) {
      secrets.commit({ ...secret, deletionAtMs: undefined, lastChangedAtMs: nowMs });
    }
    return { ARN: secret.arn, Name: secret.name };
  },
);
