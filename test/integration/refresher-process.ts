import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { functionDefinitions } from '../../local/lambda/functions.ts';
import { type EnvironmentName, names } from '../../shared/config/names.ts';
import type { RefreshResult } from '../../shared/refresh/context.ts';
import type { SentMessage } from '../../shared/refresh-service/messages.ts';
import { killedWithUs } from '../support/stack-process.ts';

/** What the read and admin functions send when they want a refresh. */
export type RefreshEvent = Extract<SentMessage, { action: 'refresh' }>;

/** The refresh function in a process of its own. */
export interface RefresherProcess {
  /** Rejects when the handler throws or the process ends. */
  refresh(event: RefreshEvent): Promise<RefreshResult>;
}

interface Answer {
  readonly id: number;
  readonly answer?: RefreshResult;
  readonly error?: string;
}

const SCRIPT = fileURLToPath(new URL('./racing-refresher.ts', import.meta.url));

/** Starts one that works on the stack of `env` at `awsUrl`. It does not outlive the test. */
export function startRefresherProcess(
  t: Pick<TestContext, 'after'>,
  setting: { readonly env: EnvironmentName; readonly scale: number; readonly awsUrl: string },
): RefresherProcess {
  const { refreshFunction } = names(setting.env);
  const functions = functionDefinitions({ ...setting, logLevel: 'SILENT', inherited: process.env });
  const environment = functions.find(({ name }) => name === refreshFunction)?.environment;
  const child = fork(SCRIPT, { env: { ...environment }, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  killedWithUs(child);
  const waiting = new Map<number, (answer: Answer) => void>();
  let ended = false;
  child.on('message', (answer: Answer) => {
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  child.once('close', () => {
    ended = true;
    for (const [id, resolve] of waiting) resolve({ id, error: 'process-ended' });
  });
  t.after(async () => {
    if (ended) return;
    child.kill('SIGKILL');
    await once(child, 'close');
  });
  let asked = 0;
  return {
    async refresh(event) {
      asked += 1;
      const id = asked;
      const { answer, error } = await new Promise<Answer>((resolve) => {
        if (ended) return resolve({ id, error: 'process-ended' });
        waiting.set(id, resolve);
        child.send({ id, event });
      });
      if (!answer) throw new Error(`The refresh function failed: ${error}`);
      return answer;
    },
  };
}
