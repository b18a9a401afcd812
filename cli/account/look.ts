import * as v from 'valibot';
import type { EnvironmentName } from '../../shared/config/names.ts';
import type { Finding } from '../format/findings.ts';
import type { AwsQuestion } from './ask-aws.ts';

/** What can be said of an account beside what is wrong with it. */
export interface AccountFacts {
  readonly account?: string;
  readonly region?: string;
  /** What providers see; empty: addresses of AWS that change. */
  readonly egress_addresses?: readonly string[];
}

export interface Examined {
  readonly findings: readonly Finding[];
  readonly facts?: AccountFacts;
}

/** Asks on behalf of one look. Rejects with a {@link NotAnswered} unless `absent` is the code of the refusal. */
export interface Look {
  readonly env: EnvironmentName;
  /** It is the local stack that is asked. */
  readonly isLocal: boolean;
  /** The text of the answer; undefined if what is asked for is not there. */
  find(question: AwsQuestion, absent?: RegExp): Promise<string | undefined>;
}

/** AWS refused a question, or did not answer it. */
export class NotAnswered extends Error {
  override readonly name = 'NotAnswered';
  readonly permission: string;
  readonly reason: string;

  constructor(permission: string, reason: string) {
    super(`${permission} was not answered (${reason}).`);
    this.permission = permission;
    this.reason = reason;
  }
}

const NOT_THERE = /NotFound|NonExistent|DoesNotExist|NoSuchEntity/;

/** The answer to a question in JSON, read leniently; undefined if what is asked for is not there. Rejects as `find`. */
export async function findJson<Schema extends v.GenericSchema>(
  { find }: Look,
  question: AwsQuestion,
  schema: Schema,
): Promise<v.InferOutput<Schema> | undefined> {
  const text = await find(question, NOT_THERE);
  if (text === undefined) return undefined;
  const { success, output } = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
  if (!success) throw new NotAnswered(question.permission, 'unreadable-answer');
  return output as v.InferOutput<Schema>;
}

/** The answer to a question in XML; undefined if what is asked for is not there. Rejects as `find`. */
export function findXml({ find }: Look, question: AwsQuestion): Promise<string | undefined> {
  return find(question, NOT_THERE);
}
