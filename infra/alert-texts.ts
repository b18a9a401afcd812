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
}

/** What is told to people, and in which words: shared/config/events.ts as rules. */
export const ALERT_ROUTES: readonly AlertRoute[] = Object.entries(MAILS).map(
  ([mail, { lines, matching }]) => ({
    id: idOf(mail),
    name: mail,
    types: EVENT_TYPES.filter((type) => (EVENTS[type].mails as readonly string[]).includes(mail)),
    matching,
    text: textOf(lines),
  }),
);

/** `provider-well` is `ProviderWell`: the id of a construct. */
function idOf(mail: string): string {
  return mail.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function textOf(lines: readonly string[]): RuleTargetInput {
  const text = lines.join('\n').replaceAll(/\{([a-z_]+)\}/g, (_, name: string) => fieldOf(name));
  return RuleTargetInput.fromMultilineText(text);
}

function fieldOf(name: string): string {
  return name === 'type' ? EventField.detailType : EventField.fromPath(`$.detail.${name}`);
}
