import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import * as v from 'valibot';
import { requestSettingsOf } from '../credential/settings.ts';
import type { DeviceCodes } from '../device-endpoint/device-endpoint.ts';
import type { RefreshResult } from '../refresh/context.ts';
import type { Examination } from '../refresh/operator/examine.ts';
import type { Login } from '../refresh/operator/log-in.ts';
import type { SealRotation } from '../refresh/operator/rotate-seal.ts';
import type { Reseed, ReseedResult, Seed } from '../refresh/operator/seed-chain.ts';
import type { Adoption, AdoptionResult } from '../refresh/recovery/adopt-answer.ts';
import type { RecoverResult } from '../refresh/recovery/recover-chain.ts';
import type { OpenedAnswer } from '../refresh/recovery/unreadable-answer.ts';
import { Secret } from '../secret/secret.ts';
import type { LoginCode } from '../token-endpoint/token-endpoint.ts';
import type { ClientOwner } from '../vault/client-secrets.ts';
import type { StoredClient } from '../vault/stored-client.ts';
import { RefreshAnswer } from './answers.ts';
import type { SentMessage } from './messages.ts';
import {
  AcceptedAnswer,
  AdoptionAnswer,
  ClientIdAnswer,
  DeviceStartAnswer,
  DoneAnswer,
  ExaminationAnswer,
  NetworksAnswer,
  RecoverAnswer,
  ReseedAnswer,
  RotationAnswer,
  UnreadableAnswers,
  UpdatedClientAnswer,
} from './operator-answers.ts';
import type { UpdatedClient } from './refresh-service.ts';
import {
  type DeviceStart,
  LoginRefusedError,
  type OneLogin,
  type RefreshRequest,
  type RefreshService,
  RefreshServiceError,
} from './refresh-service.ts';

/** Asks the refresh function by Lambda Invoke. */
export class LambdaRefreshService implements RefreshService {
  readonly #client: LambdaClient;
  readonly #functionName: string;

  constructor(client: LambdaClient, functionName: string) {
    this.#client = client;
    this.#functionName = functionName;
  }

  async refresh(request: RefreshRequest): Promise<RefreshResult> {
    const { credential, force, ifGeneration: if_generation, refused, waitMs: wait_ms } = request;
    return this.#invoke(
      { action: 'refresh', credential, force, if_generation, refused, wait_ms },
      RefreshAnswer,
    );
  }

  seed({ settings, chain, lanes, login, code, living, by, ...seed }: Seed & OneLogin): Promise<boolean> {
    const access_token = living?.accessToken.reveal();
    const expires_at_ms = living?.expiresAtMs;
    const given = { ...refreshTokenOf(seed), access_token, expires_at_ms, login, by, ...codeOnWire(code) };
    return this.#start({ action: 'seed', settings, chain, lanes, ...given });
  }

  async reseed({
    credential,
    chain,
    login,
    code,
    by,
    waitMs,
    ...seed
  }: Reseed & OneLogin): Promise<ReseedResult> {
    const given = { ...refreshTokenOf(seed), wait_ms: waitMs, login, by, ...codeOnWire(code) };
    const answer = await this.#invoke({ action: 'reseed', credential, chain, ...given }, ReseedAnswer);
    if (answer.refused) throw new LoginRefusedError(answer.refused);
    const { done, in_flight_until_ms: untilMs } = answer;
    if (untilMs !== undefined) return { result: 'in-flight', untilMs };
    return { result: done ? 'begun' : 'unknown-credential' };
  }

  async updateClient(
    { credential, app }: ClientOwner,
    changes: Partial<StoredClient>,
  ): Promise<UpdatedClient | undefined> {
    const whose = app === undefined ? { credential } : { app };
    const answer = await this.#invoke({ action: 'update-client', ...whose, changes }, UpdatedClientAnswer);
    return answer.done ? { certificateEndMs: answer.certificate_ends_at_ms } : undefined;
  }

  async clientId({ credential, app }: ClientOwner): Promise<string | undefined> {
    const whose = app === undefined ? { credential } : { app };
    return (await this.#invoke({ action: 'client-id', ...whose }, ClientIdAnswer)).client_id;
  }

  recover(credential: string): Promise<RecoverResult> {
    return this.#invoke({ action: 'recover', credential }, RecoverAnswer);
  }

  async unreadableAnswers(credential: string): Promise<readonly OpenedAnswer[]> {
    const { answers } = await this.#invoke({ action: 'unreadable-answers', credential }, UnreadableAnswers);
    return answers.map(({ at_ms: atMs, generation, body }) => ({ atMs, generation, body: new Secret(body) }));
  }

  adoptAnswer({ credential, chain, refreshTokenAt, waitMs }: Adoption): Promise<AdoptionResult> {
    const place = refreshTokenAt && { refresh_token_at: [...refreshTokenAt] };
    const message = { action: 'adopt-answer', credential, chain, ...place, wait_ms: waitMs } as const;
    return this.#invoke(message, AdoptionAnswer);
  }

  rotateSeal(): Promise<SealRotation> {
    return this.#invoke({ action: 'rotate-seal' }, RotationAnswer);
  }

  async testAlert(code: string): Promise<boolean> {
    return (await this.#invoke({ action: 'test-alert', code }, AcceptedAnswer)).accepted;
  }

  examine(): Promise<Examination> {
    return this.#invoke({ action: 'examine' }, ExaminationAnswer);
  }

  async networks(settings: Login['settings'], login: StoredClient): Promise<readonly string[]> {
    const sent = { ...requestSettingsOf(settings), quota: settings.quota };
    const answer = await this.#invoke({ action: 'networks', settings: sent, login }, NetworksAnswer);
    if (answer.refused) throw new LoginRefusedError(answer.refused);
    return answer.networks;
  }

  async startDevice({ settings, deviceUrl, owner, login }: DeviceStart): Promise<DeviceCodes> {
    const sent = { ...requestSettingsOf(settings), quota: settings.quota };
    const message = {
      action: 'device-start',
      settings: sent,
      device_url: deviceUrl,
      ...owner,
      login,
    } as const;
    const { codes, refused } = await this.#invoke(message, DeviceStartAnswer);
    if (codes) return codes;
    throw new LoginRefusedError(refused ?? { outcome: 'unknown', reason: 'no-token' });
  }

  async #start(message: SentMessage): Promise<boolean> {
    const { done, refused } = await this.#invoke(message, DoneAnswer);
    if (refused) throw new LoginRefusedError(refused);
    return done;
  }

  async #invoke<const Schema extends v.GenericSchema>(
    message: SentMessage,
    schema: Schema,
  ): Promise<v.InferOutput<Schema>> {
    try {
      const { Payload, FunctionError } = await this.#client.send(
        new InvokeCommand({ FunctionName: this.#functionName, Payload: JSON.stringify(message) }),
      );
      if (!FunctionError && Payload) return v.parse(schema, JSON.parse(Payload.transformToString()));
    } catch {
      // The cause may hold the request or the answer, and with it a token (I7).
    }
    throw new RefreshServiceError(
      `The function ${this.#functionName} failed or could not be invoked; see its log.`,
    );
  }
}

function codeOnWire(code: LoginCode | undefined) {
  if (!code) return {};
  if ('deviceCode' in code) return { code: { device_code: code.deviceCode.reveal() } };
  const { redirectUri: redirect_uri, codeVerifier } = code;
  return { code: { code: code.code.reveal(), redirect_uri, code_verifier: codeVerifier.reveal() } };
}

function refreshTokenOf({ refreshToken, life }: Pick<Seed, 'refreshToken' | 'life'>) {
  return {
    refresh_token: refreshToken?.reveal(),
    refresh_token_issued_at_ms: life?.issuedAtMs,
    refresh_token_expires_at_ms: life?.expiresAtMs,
  };
}
