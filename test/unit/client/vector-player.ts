import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import {
  createTokenSource,
  type Fetch,
  type Token,
  TokenError,
  type TokenSource,
} from '../../../client/index.ts';
import type { Answer, Asked, Expected, ExpectedError, Scenario, Step, Stored, Traffic } from './vectors.ts';

type FetchStep = Extract<Step, { readonly do: 'fetch' }>;

/** Plays one scenario on the client, with a read API, secrets, a resource and a clock that the scenario rules. */
export class VectorPlayer {
  readonly #scenario: Scenario;
  readonly #source: TokenSource;
  readonly #secrets = new Map<number, Stored>();
  #nowMs: number;
  #answers: Answer[] = [];
  #asked: Asked[] = [];
  #read: number[] = [];
  #sent: Request[] = [];
  #alive: readonly string[] = [];

  constructor(scenario: Scenario, start: string) {
    this.#scenario = scenario;
    this.#nowMs = Date.parse(start);
    const common = {
      credential: 'acme',
      nowMs: () => this.#nowMs,
      resourceFetch: this.#resource as typeof fetch,
    };
    this.#source =
      scenario.via === 'read-api'
        ? createTokenSource({
            ...common,
            via: 'read-api',
            url: scenario.url ?? 'https://api.example',
            fetch: this.#readApi,
          })
        : createTokenSource({
            ...common,
            via: 'secrets-manager',
            env: 'prd',
            client: { send: this.#getSecret },
          });
  }

  async play(): Promise<void> {
    for (const [at, step] of this.#scenario.steps.entries()) {
      await this.#step(step, `step ${at}, ${step.do}`);
    }
  }

  async #step(step: Step, where: string): Promise<void> {
    switch (step.do) {
      case 'advance':
        this.#nowMs += step.ms;
        return;
      case 'answer':
        this.#answers = [...step.answers];
        return;
      case 'publish':
        this.#publish(step);
        return;
      case 'refreshed':
        this.#source.refreshed(step.detail);
        return;
      case 'get':
        return this.#get(step, where);
      case 'fetch':
        return this.#fetch(step, where);
    }
  }

  async #get(step: Extract<Step, { readonly do: 'get' }>, where: string): Promise<void> {
    const outcome = await this.#source
      .getToken({ minTtlSeconds: step.min_ttl_seconds })
      .catch((error: unknown) => error);
    this.#compare(outcome, step.expect, where);
    this.#compareTraffic(step, where);
  }

  async #fetch(step: FetchStep, where: string): Promise<void> {
    this.#alive = step.alive;
    const outcome = await this.#source.fetch(step.url).catch((error: unknown) => error);
    if ('error' in step.expect) compareError(outcome, step.expect, where);
    else assert.equal((outcome as Response).status, step.expect.status, `${where}: ${outcome}`);
    const sent = this.#sent.splice(0).map(({ headers }) => headers);
    assert.deepEqual(
      sent.map((headers) => headers.get('authorization')),
      step.sent,
      where,
    );
    if (step.user_agents) {
      assert.deepEqual(
        sent.map((headers) => headers.get('user-agent')),
        step.user_agents,
        where,
      );
    }
    this.#compareTraffic(step, where);
  }

  #compare(outcome: unknown, expected: Expected, where: string): void {
    if ('error' in expected) {
      compareError(outcome, expected as ExpectedError, where);
      return;
    }
    if (outcome instanceof Error) throw outcome;
    const token = outcome as Token;
    const seen: Record<string, unknown> = {
      generation: token.generation,
      access_token: token.accessToken,
      expires_in_ms: token.expiresAtMs - this.#nowMs,
      hold_ms: token.holdUntilMs - this.#nowMs,
      user_agent: token.userAgent,
      fields: token.fields,
    };
    for (const [member, value] of Object.entries(expected)) {
      assert.deepEqual(seen[member], value, `${where}: ${member}`);
    }
  }

  #compareTraffic({ asked, read }: Traffic, where: string): void {
    const [requests, lanes] = [this.#asked.splice(0), this.#read.splice(0)];
    if (read)
      assert.deepEqual(
        [...new Set(lanes)].sort((one, other) => one - other),
        read,
        `${where}: read`,
      );
    if (!asked) return;
    assert.equal(requests.length, asked.length, `${where}: ${requests.length} requests`);
    for (const [at, { headers = {}, ...rest }] of asked.entries()) {
      const { headers: sent = {}, ...request } = requests[at] ?? { method: '', path: '' };
      assert.deepEqual({ ...request, ...rest }, request, `${where}: request ${at}`);
      for (const [name, value] of Object.entries(headers)) {
        assert.equal(sent[name] ?? null, value, `${where}: ${name} of request ${at}`);
      }
    }
  }

  #publish({ placeholders = 0, secrets = {} }: Extract<Step, { readonly do: 'publish' }>): void {
    for (let lane = 0; lane < placeholders; lane += 1) this.#secrets.set(lane, placeholder(placeholders));
    for (const [lane, value] of Object.entries(secrets)) {
      if (value === null) this.#secrets.delete(Number(lane));
      else this.#secrets.set(Number(lane), value);
    }
  }

  readonly #readApi: Fetch = async (url, { method, headers, body }) => {
    const { pathname: path, search } = new URL(url);
    const query = search.slice(1);
    this.#asked.push({
      method,
      path,
      query,
      headers,
      body: body === undefined ? undefined : JSON.parse(body),
    });
    const answer = this.#answers.length > 1 ? this.#answers.shift() : this.#answers[0];
    assert.ok(answer, `${this.#scenario.name}: there is an answer`);
    this.#nowMs += answer.takes_ms ?? 0;
    if (answer.network) throw networkError(answer.network);
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    return new Response(answer.status === 304 ? null : text, {
      status: answer.status,
      headers: answer.headers,
    });
  };

  readonly #getSecret = async (command: { readonly input: { readonly SecretId: string } }) => {
    const [, , , , lane] = command.input.SecretId.split('/');
    this.#read.push(Number(lane));
    const stored = this.#secrets.get(Number(lane));
    const text = typeof stored === 'string' ? stored : JSON.stringify(stored);
    const error = stored === undefined ? 'ResourceNotFoundException' : (stored as { error?: string }).error;
    if (error) throw Object.assign(new Error('fake-access text of the SDK'), { name: error });
    return { SecretString: text };
  };

  readonly #resource = async (request: Request): Promise<Response> => {
    this.#sent.push(request);
    const [, token = ''] = request.headers.get('authorization')?.split(' ') ?? [];
    return new Response(null, { status: this.#alive.includes(token) ? 200 : 401 });
  };
}

function compareError(outcome: unknown, expected: ExpectedError, where: string): void {
  assert.ok(outcome instanceof TokenError, `${where}: a TokenError, not ${inspect(outcome)}`);
  assert.equal(outcome.code, expected.error, `${where}: ${outcome.message}`);
  assert.equal(outcome.isTemporary, expected.temporary, where);
  assert.equal(outcome.retryAfterSeconds, expected.retry_after_seconds, where);
  for (const word of expected.message_names ?? []) assert.ok(outcome.message.includes(word), outcome.message);
  const shown = [inspect(outcome, { depth: 9, showHidden: true }), outcome.stack, JSON.stringify(outcome)];
  assert.doesNotMatch(shown.join('\n'), /fake-access/, where);
}

function networkError(kind: 'reset' | 'refused'): TypeError {
  const code = { reset: 'ECONNRESET', refused: 'ECONNREFUSED' }[kind];
  return new TypeError('fetch failed', { cause: Object.assign(new Error('fake-access'), { code }) });
}

function placeholder(lanes: number): Stored {
  const never = '1970-01-01T00:00:00Z';
  const times = { issued_at: never, expires_at: never, refresh_after: never };
  return {
    access_token: '',
    token_type: 'Bearer',
    scope: '',
    ...times,
    generation: 0,
    chain: 'chain-a',
    lanes,
  };
}
