import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { names } from '../../shared/config/names.ts';
import { eventually } from '../integration/eventually.ts';
import { type Operator, operatorOf, type Status } from '../integration/operator.ts';
import { type SandboxClient, sandboxClient } from '../integration/sandbox-client.ts';
import { testClientOptions } from '../support/aws-clients.ts';
import { commandAfter, type Given, Person, type Said } from './person.ts';
import type { RunningStack } from './running-stack.ts';

const ENV = 'prd';
const SCOPE = 'charges.read charges.write';
/** What a page says to do: its first line that ends with a command. */
const FIX = /^.*: (?=npx renova )/;

/** How a command that was printed is followed. */
interface Follow {
  readonly lead?: RegExp;
  /** What stands for `<scope>` and the like. */
  readonly blanks?: Readonly<Record<string, string>>;
  readonly exitCode?: Given['exitCode'];
}

/** One credential of a running stack: what its provider says of it, and a person who looks after it. */
export class Shop {
  readonly id: string;
  readonly person: Person;
  readonly sandbox: SandboxClient;
  readonly scope = SCOPE;
  /** As a person has it from the provider. */
  readonly client: { readonly client_id: string; readonly client_secret: string };
  /** Every refresh token that the person was given. */
  readonly refreshTokens: string[] = [];
  readonly #stack: RunningStack;
  readonly #operator: Operator;
  readonly #lambda: LambdaClient;

  constructor(t: Pick<TestContext, 'after'>, id: string, stack: RunningStack, person = new Person(stack)) {
    this.id = id;
    this.person = person;
    this.sandbox = sandboxClient(stack.providerUrl);
    this.client = { client_id: `fake-sentinel-id-${id}`, client_secret: `fake-sentinel-secret-${id}` };
    this.#stack = stack;
    this.#operator = operatorOf(t, ENV, stack.awsUrl);
    this.#lambda = new LambdaClient(testClientOptions(stack.awsUrl));
    t.after(() => this.#lambda.destroy());
  }

  get tokenUrl(): string {
    return this.sandbox.tokenUrl;
  }

  /** A refresh token, as a person gets it from the provider's platform. */
  async newRefreshToken(): Promise<string> {
    const response = await fetch(`${this.#stack.providerUrl}/_sandbox/refresh-tokens`, {
      method: 'POST',
      body: JSON.stringify({ ...this.client, scope: SCOPE }),
    });
    const { refresh_token } = (await response.json()) as { refresh_token: string };
    this.refreshTokens.push(refresh_token);
    return refresh_token;
  }

  /** Registers with what the provider gave, and `more` options of the command. */
  async register(more: readonly string[] = [], how: 'renova' | 'inProcess' = 'inProcess') {
    const secrets = { client: this.client, refresh_token: await this.newRefreshToken() };
    const line = [
      'register',
      this.id,
      '--scope',
      SCOPE,
      '--token-url',
      this.tokenUrl,
      '--secrets',
      '-',
      ...more,
    ];
    return this.person[how](line, { stdin: JSON.stringify(secrets) });
  }

  async status(): Promise<string> {
    return (await this.person.renova(['status', this.id])).stdout;
  }

  /** One post now, and not what would be done about its failure. Resolves when it is concluded. */
  async refreshOnce(): Promise<void> {
    const event = { action: 'refresh', credential: this.id, force: true, wait_ms: 0 };
    const { refreshFunction } = names(ENV);
    await this.#lambda.send(
      new InvokeCommand({ FunctionName: refreshFunction, Payload: JSON.stringify(event) }),
    );
  }

  /** Looks without a command until `is` so. */
  until(what: string, is: (status: Status) => boolean): Promise<Status> {
    return eventually(
      `${this.id}: ${what}`,
      async (seen) => {
        const status = await this.#operator.status(this.id);
        seen(status);
        return is(status) ? status : undefined;
      },
      { everyMs: 250 },
    );
  }

  /** Runs the command after `lead` in what was printed; `stdin` answers what it would ask a person for. */
  follow(
    printed: string,
    stdin?: object,
    { lead = FIX, blanks = {}, exitCode = 0 }: Follow = {},
  ): Promise<Said> {
    const words = commandAfter(lead, printed, blanks);
    // `--secrets -` is how a script answers, as the usage error of every such command says.
    return stdin === undefined
      ? this.person.copied(words, { exitCode })
      : this.person.copied([...words, '--secrets', '-'], { stdin: JSON.stringify(stdin), exitCode });
  }

  /** The person sees that it is healthy, and a program gets a token that the provider takes. */
  async assertHealthy(): Promise<void> {
    const [page] = await Promise.all([this.status(), this.#assertUsable()]);
    assert.match(page, new RegExp(`^${this.id} is healthy: its token is valid for `));
  }

  async #assertUsable(): Promise<void> {
    // A refresh may come between the reading and the use.
    await eventually(`${this.id}: a token that opens the resource`, async () => {
      return (await this.sandbox.openResource(await this.person.token(this.id))) === 200 ? true : undefined;
    });
  }

  /** Resolves with the newest event of this credential once it is of this type. */
  untilTold(type: string) {
    return eventually(
      `${this.id}: ${type}`,
      async (seen) => {
        const events = (await this.#events()).filter((event) => event.type !== 'Token Refreshed');
        seen(events);
        return events[0]?.type === type ? events[0] : undefined;
      },
      // What comes and goes is told as over only when it has been well for a while.
      { everyMs: 500 },
    );
  }

  /** Events of this credential, the newest first. */
  async #events(): Promise<
    readonly { readonly type: string; readonly remedy?: string; readonly reason?: string }[]
  > {
    const response = await fetch(`${this.#stack.apiUrl}/events`);
    const { events } = (await response.json()) as {
      events: { 'detail-type': string; detail: Record<string, string> }[];
    };
    return events
      .filter(({ detail }) => detail.credential === this.id)
      .map(({ 'detail-type': type, detail }) => ({ type, remedy: detail.remedy, reason: detail.reason }));
  }
}
