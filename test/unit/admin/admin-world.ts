import assert from 'node:assert/strict';
import { AdminError, type AdminErrorCode } from '../../../shared/admin/admin-error.ts';
import { administer } from '../../../shared/admin/administer.ts';
import type { AdminContext } from '../../../shared/admin/context.ts';
import { Apps, type AppsRecord } from '../../../shared/app/apps.ts';
import type { CredentialRecord } from '../../../shared/credential/credential.ts';
import type { DeviceEndpoint } from '../../../shared/device-endpoint/device-endpoint.ts';
import type { Invocation, RefreshContext } from '../../../shared/refresh/context.ts';
import { answerMessage } from '../../../shared/refresh/operator/answer-message.ts';
import { LambdaRefreshService } from '../../../shared/refresh-service/lambda-refresh-service.ts';
import { MemoryTable } from '../../support/fakes/memory-table.ts';
import { noDeviceEndpoint } from '../../support/fakes/no-device-endpoint.ts';
import { World } from '../../support/world.ts';
import { fakeLambdaClient } from '../refresh-service/fake-lambda-client.ts';

const LONG_RUN: Invocation = { remainingMs: () => 10 * 60_000 };

export const CLIENT = { client_id: 'fake-client-id', client_secret: 'fake-sentinel-client-secret' };

/** The operator's actions over a {@link World}: its container plays the refresh function, behind real messages. */
export class AdminWorld {
  readonly world = new World();
  /** The refresh function's container. */
  container: RefreshContext = this.world.container;
  /** Where devices log in; by default nowhere. */
  deviceEndpoint: DeviceEndpoint = noDeviceEndpoint;
  /** True: the refresh function cannot be invoked for a refresh. */
  isRefreshAway = false;
  /** Everything that was answered or refused, as it would travel. */
  readonly said: string[] = [];
  readonly context: AdminContext;

  constructor() {
    const { world } = this;
    const { clock, random, ledger, names, secrets } = world;
    const lambda = fakeLambdaClient(async (message) => {
      if (this.isRefreshAway && message.action === 'refresh') throw new Error('the refresh function is away');
      const sealRings = { store: secrets, names: [names.accessRing, names.refreshRing] };
      const { deviceEndpoint } = this;
      return answerMessage({ ...this.container, sealRings, deviceEndpoint }, LONG_RUN, message);
    });
    this.context = {
      env: 'prd',
      clock,
      random,
      timing: world.timing,
      ledger,
      apps: new Apps(new MemoryTable<AppsRecord>({ keyName: 'credential' }), clock, random),
      secretStore: secrets,
      names,
      publication: world.container.publication,
      refreshService: new LambdaRefreshService(lambda.client, 'renova-prd-refresh'),
    };
  }

  /** Carries out an action; the answer as it travels. */
  // biome-ignore lint/suspicious/noExplicitAny: what an operator's client sees is JSON
  async do(input: object): Promise<any> {
    try {
      const answer = await this.world.drive(administer(this.context, input));
      this.said.push(JSON.stringify(answer));
      return JSON.parse(JSON.stringify(answer));
    } catch (error) {
      if (error instanceof AdminError) this.said.push(JSON.stringify({ ...error, message: error.message }));
      throw error;
    }
  }

  /** As {@link AdminWorld.do}, for a caller that lets time pass itself. */
  doNow(input: object): Promise<unknown> {
    return administer(this.context, input);
  }

  /** Registers with a refresh token that the provider takes. */
  register(credential: string, more: object = {}) {
    return this.do(this.request(credential, more));
  }

  request(credential: string, more: object = {}): object {
    return {
      action: 'register',
      credential,
      scope: 'fake-scope',
      user_agent: 'fake-bank-code',
      client: CLIENT,
      refresh_token: this.world.provider.login().reveal(),
      ...more,
    };
  }

  async refused(input: object, code: AdminErrorCode): Promise<AdminError> {
    const error = await this.do(input).then(
      () => assert.fail('it should have been refused'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof AdminError, String(error));
    assert.equal(error.code, code);
    return error;
  }

  record(credential: string): Promise<CredentialRecord> {
    return this.world.record(credential);
  }

  /** The client secret in the vault; undefined if there is none. */
  async client(credential: string): Promise<Record<string, string> | undefined> {
    const { secrets, names } = this.world;
    const stored = await secrets.get(names.client(credential));
    return stored && JSON.parse(stored.value.reveal());
  }
}
