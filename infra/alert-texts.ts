import { EventField, RuleTargetInput } from 'aws-cdk-lib/aws-events';

/** What a person must hear of at once. */
export const ALERT_TYPES = [
  'Refresh Failing',
  'Refresh Token Lapsing',
  'Credential Lapsed',
  'Credential Misconfigured',
  'Token Reported Refused',
  'Test Alert',
];

/** What lets that person go back to sleep. */
export const ALL_CLEAR_TYPES = ['Credential Recovered'];

const type = EventField.detailType;
const detail = (member: string) => EventField.fromPath(`$.detail.${member}`);

/** Which credential, why, what to do, since when and until when. A member that an event lacks leaves its place empty. */
export const ALERT_TEXT = RuleTargetInput.fromMultilineText(
  [
    `Renova ${detail('environment')}: ${detail('credential')} (${detail('provider')}): ${type}`,
    `WHY: ${detail('explanation')}`,
    `DO: ${detail('remedy')}`,
    `Failing since: ${detail('failing_since')}`,
    `Readers have a token until: ${detail('expires_at')}`,
    `A person must log in at the provider if it is not mended by: ${detail('refresh_token_expires_at')}`,
    `Told at ${detail('at')}; an empty time does not apply. More: docs/operations.md, section ${type}.`,
  ].join('\n'),
);

/** That it is over. */
export const ALL_CLEAR_TEXT = RuleTargetInput.fromMultilineText(
  [
    `Renova ${detail('environment')}: ${detail('credential')} (${detail('provider')}): ${type}`,
    `${detail('explanation')}`,
    `Nothing to do. Told at ${detail('at')}.`,
  ].join('\n'),
);
