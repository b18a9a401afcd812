import { Token } from 'aws-cdk-lib';
import type { RenovaSettings } from '../settings.ts';

/** What a setting must be. */
export interface Rule {
  readonly setting: string;
  readonly isGood: boolean;
  readonly expected: string;
}

/** A setting that is true or false. */
export function yesOrNoRule(setting: keyof RenovaSettings, value: unknown): Rule {
  return { setting, isGood: typeof value === 'boolean', expected: 'true or false' };
}

/** A whole number from 1 on. */
export function countRule(setting: string, count: number | undefined, of: string): Rule {
  return {
    setting,
    isGood: Number.isInteger(count) && Number(count) >= 1,
    expected: `a whole number of ${of}, 1 or more`,
  };
}

/** The ARN of something of a service, or a token of the CDK; or nothing. */
export function arnRule(setting: string, value: unknown, service: string, of: string): Rule {
  return {
    setting,
    isGood:
      value === undefined ||
      (typeof value === 'string' &&
        (Token.isUnresolved(value) || new RegExp(`^arn:aws[\\w-]*:${service}:\\S+$`).test(value))),
    expected: `the ARN of ${of}`,
  };
}

/** Members that are none of `known` would change nothing. */
export function membersRules(setting: string, given: object, known: readonly string[]): Rule[] {
  return Object.keys(given)
    .filter((member) => !known.includes(member))
    .map((member) => ({
      setting: `${setting}.${member}`,
      isGood: false,
      expected: `one of ${known.join(', ')}`,
    }));
}

/** Whether a value has members. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
