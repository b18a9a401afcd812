import assert from 'node:assert/strict';
import { eventually } from '../integration/eventually.ts';
import { commandAfter, type Person } from './person.ts';
import type { RunningStack } from './running-stack.ts';
import type { Shop } from './shop.ts';

/** All is well; then something is not, and the command that is printed fixes it. */
export async function askDoctor({ id, person }: Shop): Promise<void> {
  await untilWell(person);
  await person.renova(['pause', id]);

  const { stdout, stderr } = await person.renova(['doctor'], { exitCode: 1 });

  assert.match(stdout, new RegExp(`^${id} is paused, nobody refreshes it: `));
  assert.equal(stderr, 'renova: prd is not well: 1 finding\n');
  await person.copied(commandAfter(/^ {2}Let it be refreshed again: /, stdout));
  await untilWell(person);
}

/** Who reads alerts gets the code that the command has printed. */
export async function testAlerts({ person }: Shop, { apiUrl }: RunningStack): Promise<void> {
  const { stdout } = await person.renova(['doctor', '--alert']);
  const code = /^A test alert with the code (\d{6}) is on its way\./.exec(stdout)?.[1];
  assert.ok(code, stdout);
  const alert = await eventually('the test alert', async () => {
    const { events } = (await (await fetch(`${apiUrl}/events`)).json()) as { events: HeardEvent[] };
    return events.find((event) => event['detail-type'] === 'Test Alert');
  });
  assert.equal(alert.detail.reason, code);
  assert.match(alert.detail.explanation ?? '', new RegExp(`Nothing is wrong\\. The code is ${code}\\.$`));
}

interface HeardEvent {
  readonly 'detail-type': string;
  readonly detail: Readonly<Record<string, string>>;
}

/** On a slow machine a token may be late for a moment, and doctor rightly says so. */
async function untilWell(person: Person): Promise<void> {
  await eventually('prd is well', async (seen) => {
    const { exitCode, stdout } = await person.renova(['doctor'], { exitCode: 'any' });
    seen(stdout);
    if (exitCode !== 0) return undefined;
    assert.equal(stdout, 'prd is well: 1 credential, the schedule and the quotas.\n');
    return true;
  });
}
