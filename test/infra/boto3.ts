import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { killedWithUs } from '../support/stack-process.ts';
import { REGION } from './resolve.ts';

/** AWS for operations that Renova has no client of. */
export interface Boto3 {
  /**
   * Calls `operation` (in Python's words: `create_stack`) and resolves with its answer. Rejects with
   * {@link Boto3Error}.
   */
  call<Answer>(service: string, operation: string, parameters?: object): Promise<Answer>;
}

/** AWS refused a call; `code` is its own. */
export class Boto3Error extends Error {
  override readonly name = 'Boto3Error';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const SCRIPT = fileURLToPath(new URL('./boto3-calls.py', import.meta.url));

/** Starts Python with boto3, which comes with moto, against `endpoint`. */
export function startBoto3(endpoint: string, opened: AsyncDisposableStack): Boto3 {
  const python = spawn('python3', [SCRIPT, endpoint, REGION], { stdio: ['pipe', 'pipe', 'inherit'] });
  killedWithUs(python);
  const ended = once(python, 'close');
  opened.defer(async () => {
    python.stdin.end();
    await ended;
  });
  const answers = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  return {
    async call<Answer>(service: string, operation: string, parameters: object = {}) {
      python.stdin.write(`${JSON.stringify([service, operation, parameters])}\n`);
      const { value, done } = await answers.next();
      if (done) throw new Error(`python3 ended at ${service} ${operation}.`);
      const { answer, error } = JSON.parse(value) as {
        answer?: Answer;
        error?: { Code: string; Message: string };
      };
      if (error) throw new Boto3Error(error.Code, `${service} ${operation}: ${error.Code}: ${error.Message}`);
      return answer as Answer;
    },
  };
}
