import * as v from 'valibot';
import { secretId, tags, text } from '../fields.ts';
import { defineOperation } from '../operation.ts';
import { withTags } from '../tags.ts';

/**
 * TagResource: adds tags, and gives those that exist their new value. The answer has no members.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_TagResource.html
 */
export const tagResource = defineOperation(
  v.object({ SecretId: secretId, Tags: tags }),
  ({ secrets, nowMs }, input) => {
    const secret = secrets.getUsable(input.SecretId);
    secrets.commit({ ...secret, tags: withTags(secret.tags, input.Tags), lastChangedAtMs: nowMs });
    return {};
  },
);

/**
 * UntagResource: removes tags by key; a key that is not there is no error. The answer has no members.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UntagResource.html
 */
export const untagResource = defineOperation(
  v.object({ SecretId: secretId, TagKeys: v.array(text(1, 128)) }),
  ({ secrets, nowMs }, input) => {
    const secret = secrets.getUsable(input.SecretId);
    const tagsLeft = secret.tags.filter(({ Key }) => !input.TagKeys.includes(Key));
    secrets.commit({ ...secret, tags: tagsLeft, lastChangedAtMs: nowMs });
    return {};
  },
);
