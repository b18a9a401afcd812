import assert from 'node:assert/strict';
import { AdminError, type AdminErrorCode } from '../../../shared/admin/admin-error.ts';
import { administer } from '../../../shared/admin/administer.ts';
import type { AdminContext } from '../../../shared/admin/context.ts';
import type { CredentialRecord } from '../../../shared/credential/credential.ts';
import type { Run } from '../../../shared/refresh/context.ts';
import { refreshNow } from '../../../shared/refresh/refresh-now.ts';
import { reseedChain, seedChain } from '../../../shared/refresh/seed-chain.ts';
import { RefreshServiceError } from '../../../shared/refresh-service/refresh-service.ts';
import { World } from '../../support/world.ts';

const LONG_RUN: Run = { remainingMs: () => 10 * 60_000 };

export const CLIENT = { client_id: 'fake-client-id', client_secret: 'fake-sentinel-client-secret' };

const away = () => Promise.reject(new RefreshServiceError('not in this world'));
const NOT_HERE = { updateClient: away, recover: away, unreadableAnswer: away, rotateSeal: away };

/** The operator's actions over a {@link World}: its container plays the refresh function. */
export class AdminWorld {
  readonly world = new World();
  /** True: the refresh function cannot be invoked for a refresh. */
  isRefreshAway = false;
  /** Everything that was answered or refused, as it would travel. */
  readonly said: string[] = [];
  readonly context: AdminContext;

  constructor() {
    const { world } = this;
    const { clock, random, ledger, names, container } = world;
    this.context = {
      env: 'prd',
      clock,
      random,
      timing: world.timing,
      ledger,
      secretStore: world.secrets,
      names,
      publication: container.publication,
      refreshService: {
        ...NOT_HERE,
        seed: (seed) => seedChain(container, seed),
        reseed: (reseed) => reseedChain(container, reseed),
        refresh: async ({ credential, waitMs, ...wish }) => {
          if (this.isRefreshAway) throw new RefreshServiceError('the refresh function is away');
          return refreshNow(container, LONG_RUN, credential, { ...wish, priority: 'reader' }, waitMs);
        },
      },
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

  /** Registers with a refresh token that the provider takes. */
  register(credential: string, more: object = {}) {
    return this.do(this.request(credential, more));
  }

  request(credential: string, more: object = {}): object {
    return {
      action: 'register',
      credential,
      scope: 'fake-scope',
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
}
