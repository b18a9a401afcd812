import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Summary } from '../../shared/admin/summary.ts';
import { type EnvironmentName, names } from '../../shared/config/names.ts';
import { testClientOptions } from '../support/aws-clients.ts';
import type { SandboxClient } from './sandbox-client.ts';

/** A credential as it arrives over the wire. */
export type Status = Readonly<Summary>;

/** The operator of a running stack: real invokes of the functions over its AWS endpoint. */
export interface Operator {
  /** Gets a grant from the sandbox and registers it under this id. */
  register(credential: string, sandbox: SandboxClient): Promise<Status>;
  /** The same for one whose chain has ended. */
  reseed(credential: string, sandbox: SandboxClient): Promise<Status>;
  status(credential: string): Promise<Status>;
  list(): Promise<readonly Status[]>;
  /** Refreshes now, due or not. */
  refresh(credential: string): Promise<{ readonly result: string; readonly generation: number }>;
  /** What the read function answers, an error too. */
  read(credential: string): Promise<ReadAnswer>;
}

export interface ReadAnswer {
  readonly access_token: string;
  readonly generation: number;
  readonly expires_at: string;
  readonly refresh_after: string;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: string };
}

/** Works on the stack of `env` whose AWS endpoint is at `awsUrl`, until the test ends. */
export function operatorOf(t: Pick<TestContext, 'after'>, env: EnvironmentName, awsUrl: string): Operator {
  const { adminFunction, readFunction } = names(env);
  const lambda = new LambdaClient(testClientOptions(awsUrl));
  t.after(() => lambda.destroy());

  const invoke = async (name: string, event: object): Promise<unknown> => {
    const command = new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) });
    const { Payload, FunctionError } = await lambda.send(command);
    const text = Buffer.from(Payload ?? []).toString();
    assert.equal(FunctionError, undefined, `${name} failed: ${text}`);
    return JSON.parse(text);
  };
  const administer = async (request: { readonly action: string; readonly [member: string]: unknown }) => {
    const answer = await invoke(adminFunction, request);
    const { error } = answer as { error?: unknown };
    assert.equal(error, undefined, `${request.action}: ${JSON.stringify(error)}`);
    return answer;
  };

  return {
    async register(credential, sandbox) {
      const { client, scope, refreshToken } = await sandbox.grant(credential);
      const given = { client, scope, refresh_token: refreshToken, token_url: sandbox.tokenUrl };
      return (await administer({ action: 'register', provider: 'bs2', credential, ...given })) as Status;
    },
    async reseed(credential, sandbox) {
      const { refreshToken } = await sandbox.grant(credential);
      return (await administer({ action: 'reseed', credential, refresh_token: refreshToken })) as Status;
    },
    status: async (credential) => (await administer({ action: 'status', credential })) as Status,
    list: async () =>
      ((await administer({ action: 'list' })) as { credentials: readonly Status[] }).credentials,
    refresh: async (credential) =>
      (await administer({ action: 'refresh', credential, force: true })) as {
        result: string;
        generation: number;
      },
    read: async (credential) => (await invoke(readFunction, { credential })) as ReadAnswer,
  };
}
