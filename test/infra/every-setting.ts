import type { RenovaSettings } from '../../infra/settings.ts';

/** Everything that a platform team may set, with what is made or used by its ARN. */
export function everySetting(partition: string, region: string): Partial<RenovaSettings> {
  const arn = (service: string, resource: string, place = region) =>
    `arn:${partition}:${service}:${place}:111111111111:${resource}`;
  return {
    network: 'fixed-address',
    kms: {
      secrets: 'own',
      rings: 'own',
      logs: 'own',
      alerts: arn('kms', 'key/1234abcd-12ab-34cd-56ef-1234567890ab'),
    },
    tags: { owner: 'payments', 'cost-center': '4711' },
    permissionsBoundary: arn('iam', 'policy/platform/boundary', ''),
    alarmTopic: arn('sns', 'platform-alarms'),
    reservedConcurrency: 'none',
    // Amazon Q Developer in chat applications is in no other partition.
    ...(partition === 'aws' && { chat: { slack: { workspace: 'T0123ABCD', channel: 'C0123ABCDEF' } } }),
    webhook: { url: 'https://alerts.bank.example/renova' },
    runbook: 'https://wiki.bank.example/renova',
  };
}
