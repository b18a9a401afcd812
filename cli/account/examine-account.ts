import type { EnvironmentName } from '../../shared/config/names.ts';
import type { AskAws } from './ask-aws.ts';
import {
  examineAlarms,
  examineDeadLetters,
  examineSchedule,
  examineSubscriptions,
} from './examine-alerting.ts';
import { examineEgress, examineFunctions, examinePermissions } from './examine-functions.ts';
import { examineCaller, examineTables } from './examine-tables.ts';
import { type AccountFacts, type Examined, type Look, NotAnswered } from './look.ts';

/** What could not be looked at, and why: as a rule the person who asks may not. */
export interface Unexamined {
  readonly what: string;
  readonly permission: string;
  readonly reason: string;
}

export interface ExaminedAccount extends Examined {
  readonly facts: AccountFacts;
  readonly unexamined: readonly Unexamined[];
}

interface Examiner {
  readonly what: string;
  readonly examine: (look: Look) => Promise<Examined>;
  /** The local stack has it too. */
  readonly isLocal?: true;
}

/** Everything of an account that `doctor` looks at, by what it is called where it cannot be looked at. */
const EXAMINERS: readonly Examiner[] = [
  { what: 'the account', examine: examineCaller, isLocal: true },
  { what: 'the tables', examine: examineTables, isLocal: true },
  { what: 'the functions', examine: examineFunctions, isLocal: true },
  { what: 'the permissions of the functions', examine: examinePermissions },
  { what: 'the schedule', examine: examineSchedule },
  { what: 'the dead letters', examine: examineDeadLetters },
  { what: 'who is told', examine: examineSubscriptions },
  { what: 'the alarms', examine: examineAlarms },
  { what: 'the addresses that providers see', examine: examineEgress },
];

/**
 * Looks at what the functions cannot say of themselves, with the rights of the person who asks: the functions need none
 * for it. A look that is not allowed is named, and costs the others nothing. Never rejects.
 */
export async function examineAccount(
  ask: AskAws,
  env: EnvironmentName,
  isLocal: boolean,
): Promise<ExaminedAccount> {
  const looked = await Promise.all(
    EXAMINERS.filter((each) => !isLocal || each.isLocal).map(async ({ what, examine }) => {
      try {
        return { ...(await examine({ env, isLocal, find: finder(ask) })), unexamined: [] };
      } catch (error) {
        if (!(error instanceof NotAnswered)) throw error;
        const { permission, reason } = error;
        return { findings: [], unexamined: [{ what, permission, reason }] };
      }
    }),
  );
  return {
    findings: looked.flatMap(({ findings }) => findings),
    facts: Object.assign({}, ...looked.map((each) => ('facts' in each ? each.facts : {}))),
    unexamined: looked.flatMap(({ unexamined }) => unexamined),
  };
}

function finder(ask: AskAws): Look['find'] {
  return async (question, absent) => {
    const answer = await ask(question);
    if (answer.ok) return answer.text;
    if (absent?.test(answer.code)) return undefined;
    throw new NotAnswered(question.permission, answer.code);
  };
}
