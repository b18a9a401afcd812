import type { AskAws } from '../../cli/account/ask-aws.ts';
import type { Invoke, JsonObject } from '../../cli/context.ts';
import { CommandFailure } from '../../cli/errors.ts';
import { type ExitCode, run } from '../../cli/program.ts';
import type { Target } from '../../cli/target.ts';
import { ManualClock } from '../support/fakes/manual-clock.ts';

/** One invocation that a command made. */
interface Sent {
  readonly to: 'admin' | 'read';
  readonly request: JsonObject;
}

export interface Situation {
  /**
   * Answers of the functions, by action (`token` for the read function; `check` for what is asked before the secrets,
   * which is not refused unless said). No answer: the function failed.
   */
  readonly answers?: Readonly<Record<string, JsonObject>>;
  /** Somebody is at the terminal and answers the questions by their labels. */
  readonly person?: Readonly<Record<string, string>>;
  /** What standard input holds, when nobody is at it. */
  readonly stdin?: string | Uint8Array;
  readonly environment?: Readonly<Record<string, string>>;
  /** How AWS answers questions about the account; nobody may ask any unless said. */
  readonly askAws?: AskAws;
  /** Standard output is a terminal. */
  readonly colors?: boolean;
  /** The size that this terminal says it has. */
  readonly size?: { readonly columns: number; readonly rows: number };
}

interface Ran {
  readonly exitCode: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
  readonly sent: readonly Sent[];
  /** What was asked before a person was: whether the rest would be refused. */
  readonly checked: readonly JsonObject[];
  /** The questions that were asked: `hidden Password:`. */
  readonly asked: readonly string[];
  readonly targets: readonly Target[];
}

/** The time at which every command of these tests runs. */
export const NOW_MS = Date.UTC(2026, 0, 1, 12);

/** An RFC 3339 time so many seconds from {@link NOW_MS}. */
export const at = (seconds: number) => new Date(NOW_MS + seconds * 1000).toISOString();

const NOT_ALLOWED: AskAws = async () => ({ ok: false, code: 'AccessDeniedException' });

/** Runs one command line against functions that answer as told. */
export async function runCommand(line: readonly string[], situation: Situation = {}): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const sent: Sent[] = [];
  const checked: JsonObject[] = [];
  const asked: string[] = [];
  const targets: Target[] = [];
  const answerTo = async (echo: string, label: string) => {
    asked.push(`${echo} ${label}`);
    const answer = situation.person?.[label];
    if (answer === undefined) throw new CommandFailure('given-up', 'stopped: nothing was changed');
    return answer;
  };
  const invoke: Invoke = async (to, request) => {
    if (request.check === true) {
      checked.push(request);
      return situation.answers?.check ?? { checked: true };
    }
    sent.push({ to, request });
    const own = request.examine === true ? 'examine-read' : 'token';
    const answer =
      situation.answers?.[to === 'read' ? own : String(request.action)] ??
      (own === 'examine-read' ? {} : undefined);
    if (!answer) throw new CommandFailure('function-failed', `no answer to ${String(request.action)}`);
    return answer;
  };
  const exitCode = await run(line, {
    clock: new ManualClock(NOW_MS),
    stdout: { write: (text) => out.push(text), isTTY: situation.colors, ...situation.size },
    stderr: { write: (text) => err.push(text) },
    stdin: Object.assign(chunksOf(situation.stdin), { isTTY: situation.person !== undefined }),
    prompts: {
      visible: (label) => answerTo('visible', label),
      hidden: (label) => answerTo('hidden', label),
    },
    environment: situation.environment ?? {},
    browse: () => undefined,
    untilStopped: () => Promise.resolve(),
    connect: (target) => {
      targets.push(target);
      return { invoke, askAws: situation.askAws ?? NOT_ALLOWED, close: () => undefined };
    },
  });
  return { exitCode, stdout: out.join(''), stderr: err.join(''), sent, checked, asked, targets };
}

async function* chunksOf(text: string | Uint8Array = ''): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  const middle = Math.floor(bytes.length / 2);
  yield bytes.subarray(0, middle);
  yield bytes.subarray(middle);
}
