import { Token } from 'aws-cdk-lib';
import type { KeyUse } from '../../shared/config/environments.ts';
import type { RenovaSettings } from '../settings.ts';
import { arnRule, isObject, type Rule } from './rule.ts';

/** Keys of KMS, of the stack or by their ARN. */
export function kmsRules(kms: RenovaSettings['kms'] = {}): Rule[] {
  const uses: Readonly<Record<KeyUse, true>> = { secrets: true, rings: true, logs: true, alerts: true };
  if (!isObject(kms))
    return [{ setting: 'kms', isGood: false, expected: `{ ${Object.keys(uses).join(', ')} }` }];
  return Object.entries(kms).flatMap(([use, key]) =>
    [
      {
        setting: `kms.${use}`,
        isGood: Object.hasOwn(uses, use),
        expected: `one of ${Object.keys(uses).join(', ')}`,
      },
      use !== 'alerts' && key === 'own' ? [] : arnRule(`kms.${use}`, key, 'kms', 'a key'),
    ].flat(),
  );
}

/** What AWS takes, of 40 at most: ten are for what tools add. */
export function tagRules(tags: RenovaSettings['tags'] = {}): Rule[] {
  if (!isObject(tags) || Array.isArray(tags))
    return [{ setting: 'tags', isGood: false, expected: '{ name: value }' }];
  const entries = Object.entries(tags);
  return [
    { setting: 'tags', isGood: entries.length <= 40, expected: '40 tags at most' },
    ...entries.map(([key, value]) => ({
      setting: 'tags',
      isGood: isTag(key, 1, 128) && !/^(aws:|app$|environment$)/i.test(key) && isTag(value, 0, 256),
      expected:
        'names of 1 to 128 and values of up to 256 letters, digits, blanks and _ . : / = + - @, and other names than app, environment and aws:…',
    })),
  ];
}

function isTag(text: unknown, least: number, most: number): boolean {
  if (typeof text !== 'string') return false;
  return (
    Token.isUnresolved(text) ||
    (text.length >= least && text.length <= most && /^[\p{L}\p{N} _.:/=+@-]*$/u.test(text))
  );
}
