import * as v from 'valibot';
import { ServiceError } from '../errors.ts';
import { secretId, text } from '../fields.ts';
import { defineOperation } from '../operation.ts';

const resourcePolicy = text(1, 20_480);

/**
 * GetResourcePolicy: the policy as it was put; the answer has none where there is none.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetResourcePolicy.html
 */
export const getResourcePolicy = defineOperation(v.object({ SecretId: secretId }), ({ secrets }, input) => {
  const { arn, name, resourcePolicy: ResourcePolicy } = secrets.getUsable(input.SecretId);
  return { ARN: arn, Name: name, ResourcePolicy };
});

/**
 * PutResourcePolicy: kept and shown, never asked; access is not checked here.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutResourcePolicy.html
 */
export const putResourcePolicy = defineOperation(
  v.object({
    SecretId: secretId,
    ResourcePolicy: resourcePolicy,
    BlockPublicPolicy: v.optional(v.boolean(), false),
  }),
  ({ secrets, nowMs }, input) => {
    const secret = secrets.getUsable(input.SecretId);
    const policy = parsePolicy(input.ResourcePolicy);
    if (policy === undefined) {
      throw new ServiceError(
        'MalformedPolicyDocumentException',
        'This resource policy contains invalid Json',
      );
    }
    if (input.BlockPublicPolicy && isPublic(policy)) {
      throw new ServiceError(
        'PublicPolicyException',
        'The resource policy grants broad access to the secret; BlockPublicPolicy is set.',
      );
    }
    secrets.commit({ ...secret, resourcePolicy: input.ResourcePolicy, lastChangedAtMs: nowMs });
    return { ARN: secret.arn, Name: secret.name };
  },
);

/**
 * DeleteResourcePolicy; a secret without one is no error.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteResourcePolicy.html
 */
export const deleteResourcePolicy = defineOperation(
  v.object({ SecretId: secretId }),
  ({ secrets, nowMs }, input) => {
    const { resourcePolicy: removed, ...secret } = secrets.getUsable(input.SecretId);
    if (removed !== undefined) secrets.commit({ ...secret, lastChangedAtMs: nowMs });
    return { ARN: secret.arn, Name: secret.name };
  },
);

/**
 * ValidateResourcePolicy: whether it is a policy, and grants nothing to everybody.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ValidateResourcePolicy.html
 */
export const validateResourcePolicy = defineOperation(
  v.object({ SecretId: v.optional(secretId), ResourcePolicy: resourcePolicy }),
  ({ secrets }, input) => {
    if (input.SecretId !== undefined) secrets.getUsable(input.SecretId);
    const policy = parsePolicy(input.ResourcePolicy);
    if (policy === undefined) {
      throw new ServiceError(
        'MalformedPolicyDocumentException',
        'This resource policy contains invalid Json',
      );
    }
    const ValidationErrors = isPublic(policy)
      ? [
          {
            CheckName: 'PUBLIC_POLICY',
            ErrorMessage: 'The resource policy grants broad access to the secret.',
          },
        ]
      : [];
    return { PolicyValidationPassed: ValidationErrors.length === 0, ValidationErrors };
  },
);

const Statement = v.object({
  Effect: v.optional(v.string()),
  Principal: v.optional(v.unknown()),
  Condition: v.optional(v.unknown()),
});
const Policy = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ Statement: v.union([v.array(Statement), Statement]) }),
);
type Policy = v.InferOutput<typeof Policy>;

/** Undefined for what is no policy. */
function parsePolicy(document: string): Policy | undefined {
  const parsed = v.safeParse(Policy, document);
  return parsed.success ? parsed.output : undefined;
}

function isPublic(policy: Policy): boolean {
  return [policy.Statement].flat().some(({ Effect, Principal, Condition }) => {
    const isEverybody = Principal === '*' || JSON.stringify(Principal)?.includes('"AWS":"*"');
    return Effect === 'Allow' && isEverybody && Condition === undefined;
  });
}
