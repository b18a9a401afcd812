import * as v from 'valibot';
import { secretId } from '../fields.ts';
import { defineOperation } from '../operation.ts';
import { descriptionMembers, labelledVersions, replicationStatus } from '../stored-secret.ts';

/**
 * DescribeSecret: everything but the values, also of a secret that is marked for deletion.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html
 */
export const describeSecret = defineOperation(v.object({ SecretId: secretId }), ({ secrets }, input) => {
  const secret = secrets.get(input.SecretId);
  return {
    ...descriptionMembers(secret),
    VersionIdsToStages: labelledVersions(secret),
    ReplicationStatus: replicationStatus(secret.replicas),
  };
});
