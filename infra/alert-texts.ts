import { EventField, RuleTargetInput } from 'aws-cdk-lib/aws-events';

/** What a person must hear of at once, as long as it can be mended without a login. */
const PROBLEM_TYPES = [
  'Refresh Failing',
  'Refresh Token Lapsing',
  'Credential Misconfigured',
  'Token Reported Refused',
  'Test Alert',
];

/** What nothing but a login mends. */
const LAPSED_TYPES = ['Credential Lapsed'];

/** What a person must hear of at once. */
export const ALERT_TYPES = [...PROBLEM_TYPES, ...LAPSED_TYPES];

/** What lets that person go back to sleep. */
export const ALL_CLEAR_TYPES = ['Credential Recovered'];

const type = EventField.detailType;
const detail = (member: string) => EventField.fromPath(`$.detail.${member}`);

const headline = `Renova ${detail('environment')}: ${detail('credential')} (${detail('provider')}): ${type}`;
const whyAndWhatToDo = [`WHY: ${detail('explanation')}`, `DO: ${detail('remedy')}`];
const readersHaveUntil = `Readers have a token until: ${detail('expires_at')}`;
const footer = [
  `Told at ${detail('at')}; an empty time does not apply.`,
  `Run renova as npx renova. More: docs/operations.md, section ${type}.`,
];

/** Which credential, why, what to do, since when and until when. A member that an event lacks leaves its place empty. */
const PROBLEM_TEXT = textOf([
  headline,
  ...whyAndWhatToDo,
  `Failing since: ${detail('failing_since')}`,
  readersHaveUntil,
  `A person must log in at the provider if it is not mended by: ${detail('refresh_token_expires_at')}`,
  ...footer,
]);

/** Without the end of the refresh token: it may be days away, and nothing can be done until then. */
const LAPSED_TEXT = textOf([headline, ...whyAndWhatToDo, readersHaveUntil, ...footer]);

/** That it is over. */
const ALL_CLEAR_TEXT = textOf([headline, detail('explanation'), `Nothing to do. Told at ${detail('at')}.`]);

/** One rule. */
export interface AlertRoute {
  readonly id: string;
  /** Last part of the rule's name. */
  readonly name: string;
  readonly types: readonly string[];
  readonly text: RuleTargetInput;
}

/** What is told to people, and in which words. */
export const ALERT_ROUTES: readonly AlertRoute[] = [
  { id: 'Bad', name: 'bad', types: PROBLEM_TYPES, text: PROBLEM_TEXT },
  { id: 'Lapsed', name: 'lapsed', types: LAPSED_TYPES, text: LAPSED_TEXT },
  { id: 'AllClear', name: 'all-clear', types: ALL_CLEAR_TYPES, text: ALL_CLEAR_TEXT },
];

function textOf(lines: readonly string[]): RuleTargetInput {
  return RuleTargetInput.fromMultilineText(lines.join('\n'));
}
