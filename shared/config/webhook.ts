import type { EnvironmentName } from './names.ts';

/** What there is only with the setting `webhook`: the function that posts, and the secret that signs. */
export function webhookNames(env: EnvironmentName) {
  return {
    webhookFunction: `renova-${env}-webhook`,
    /** Secrets of a credential have one part more. */
    signingKey: `renova/${env}/webhook`,
  };
}

/** Detail type of what CloudWatch tells of alarms. */
export const ALARM_TYPE = 'CloudWatch Alarm State Change';
