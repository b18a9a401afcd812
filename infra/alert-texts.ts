import { EventField, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { EVENT_TYPES, EVENTS, type EventType, MAILS, type MailDefinition } from '../shared/config/events.ts';

/** One rule: the events of some types whose detail matches are sent to people, in the words of one mail. */
export interface AlertRoute {
  readonly id: string;
  /** Last part of the rule's name. */
  readonly name: string;
  readonly types: readonly EventType[];
  /** A pattern for members of the detail. */
  readonly matching: MailDefinition['matching'];
  readonly text: RuleTargetInput;
  /** The same for a chat channel. */
  readonly notification: RuleTargetInput;
}

/** What is told to people, and in which words: shared/config/events.ts as rules. */
export const ALERT_ROUTES: readonly AlertRoute[] = Object.entries(MAILS).map(
  ([mail, { lines, matching }]) => ({
    id: idOf(mail),
    name: mail,
    types: EVENT_TYPES.filter((type) => (EVENTS[type].mails as readonly string[]).includes(mail)),
    matching,
    text: textOf(lines),
    notification: notificationOf(lines),
  }),
);

/** `provider-well` is `ProviderWell`: the id of a construct. */
function idOf(mail: string): string {
  return mail.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function textOf(lines: readonly string[]): RuleTargetInput {
  return RuleTargetInput.fromMultilineText(withFields(lines));
}

/**
 * A custom notification, with the first line of the mail as its title. What is told of one credential is one thread.
 * Amazon Q Developer in chat applications, administrator guide, "Custom notifications", Event schema.
 */
function notificationOf([title = '', ...lines]: readonly string[]): RuleTargetInput {
  return RuleTargetInput.fromObject({
    version: '1.0',
    source: 'custom',
    content: {
      textType: 'client-markdown',
      title: withFields([title]),
      description: withFields(lines),
    },
    metadata: { threadId: withFields(['renova {environment} {provider} {credential}']) },
  });
}

function withFields(lines: readonly string[]): string {
  return lines.join('\n').replaceAll(/\{([a-z_]+)\}/g, (_, name: string) => fieldOf(name));
}

function fieldOf(name: string): string {
  return name === 'type' ? EventField.detailType : EventField.fromPath(`$.detail.${name}`);
}
