import { Token } from 'aws-cdk-lib';
import type { RenovaSettings } from '../settings.ts';
import { isObject, membersRules, type Rule } from './rule.ts';

/** Who is told of alarms by mail. */
export function addressRule({ alarmAddress, isAlarmAddressRequired, alarmTopic }: RenovaSettings): Rule {
  const setting = 'alarmAddress';
  if (alarmAddress === undefined) {
    return {
      setting,
      isGood: !isAlarmAddressRequired || alarmTopic !== undefined,
      expected: 'somebody who is told of alarms',
    };
  }
  if (!isObject(alarmAddress)) {
    return { setting, isGood: false, expected: '{ email } or { parameter }' };
  }
  if ('parameter' in alarmAddress) {
    const isGood = /^\/[\w./-]+$/.test(alarmAddress.parameter);
    return { setting, isGood, expected: 'the name of a parameter that begins with a slash' };
  }
  return {
    setting,
    isGood: /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(alarmAddress.email),
    expected: 'a mail address',
  };
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The ids of a channel, as AWS::Chatbot takes them. */
const CHAT_IDS = {
  slack: { workspace: /^[0-9A-Z]{1,255}$/, channel: /^[A-Z0-9]{9,}$/ },
  teams: { tenant: UUID, team: UUID, channel: /^19(?::|%3A)[\w.%@-]{1,500}$/i },
} as const;

/** A channel of Slack or Teams. */
export function chatRules(chat: unknown): Rule[] {
  if (chat === undefined) return [];
  const [kind = '', ...more] = isObject(chat) ? Object.keys(chat) : [];
  const ids = kind === 'slack' || kind === 'teams' ? CHAT_IDS[kind] : undefined;
  if (!isObject(chat) || !ids || more.length > 0) {
    const expected = '{ slack: { workspace, channel } } or { teams: { tenant, team, channel } }';
    return [{ setting: 'chat', isGood: false, expected }];
  }
  const given: unknown = (chat as Readonly<Record<string, unknown>>)[kind];
  const members = (isObject(given) ? given : {}) as Readonly<Record<string, unknown>>;
  const rules = Object.entries(ids).map(([id, pattern]) => ({
    setting: `chat.${kind}.${id}`,
    isGood: typeof members[id] === 'string' && (Token.isUnresolved(members[id]) || pattern.test(members[id])),
    expected: `the id that ${kind === 'slack' ? 'Slack' : 'Microsoft Teams'} has for it`,
  }));
  return [...rules, ...membersRules(`chat.${kind}`, members, Object.keys(ids))];
}

/** A receiver for machines. */
export function webhookRules(webhook: unknown): Rule[] {
  if (webhook === undefined) return [];
  if (!isObject(webhook)) return [{ setting: 'webhook', isGood: false, expected: '{ url }' }];
  const { url } = webhook as { readonly url?: unknown };
  return [
    {
      setting: 'webhook.url',
      isGood: typeof url === 'string' && (Token.isUnresolved(url) || isReceiver(url)),
      expected: 'a URL that begins with https:// and has no user, password or fragment',
    },
    ...membersRules('webhook', webhook, ['url']),
  ];
}

function isReceiver(text: string): boolean {
  if (!URL.canParse(text) || /\s/.test(text)) return false;
  const { protocol, username, password, hash } = new URL(text);
  return protocol === 'https:' && !username && !password && !hash && !text.includes('#');
}
