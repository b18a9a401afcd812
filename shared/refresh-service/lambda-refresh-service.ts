import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Refreshed } from '../refresh/context.ts';
import type { Recovered } from '../refresh/recover-chain.ts';
import type { SealRotation } from '../refresh/rotate-seal.ts';
import type { Reseed, Seed } from '../refresh/seed-chain.ts';
import { Secret } from '../secret/secret.ts';
import type { StoredClient } from '../vault/client-secrets.ts';
import type { SentMessage } from './messages.ts';
import { type RefreshRequest, type RefreshService, RefreshServiceError } from './refresh-service.ts';

/** Asks the refresh function by Lambda Invoke. */
export class LambdaRefreshService implements RefreshService {
  readonly #client: LambdaClient;
  readonly #functionName: string;

  constructor(client: LambdaClient, functionName: string) {
    this.#client = client;
    this.#functionName = functionName;
  }

  refresh(request: RefreshRequest): Promise<Refreshed> {
    const { credential, force, ifGeneration: if_generation, refused, waitMs: wait_ms } = request;
    return this.#invoke({ action: 'refresh', credential, force, if_generation, refused, wait_ms });
  }

  async seed({ settings, chain, lanes, refreshToken }: Seed): Promise<boolean> {
    const refresh_token = refreshToken?.reveal();
    return (await this.#invoke<Done>({ action: 'seed', settings, chain, lanes, refresh_token })).done;
  }

  async reseed({ credential, chain, refreshToken }: Reseed): Promise<boolean> {
    const refresh_token = refreshToken?.reveal();
    return (await this.#invoke<Done>({ action: 'reseed', credential, chain, refresh_token })).done;
  }

  async updateClient(credential: string, changes: Partial<StoredClient>): Promise<void> {
    await this.#invoke({ action: 'update-client', credential, changes });
  }

  recover(credential: string): Promise<Recovered> {
    return this.#invoke({ action: 'recover', credential });
  }

  async unreadableAnswer(credential: string): Promise<Secret | undefined> {
    const { answer } = await this.#invoke<{ answer?: string }>({ action: 'unreadable-answer', credential });
    return answer === undefined ? undefined : new Secret(answer);
  }

  rotateSeal(): Promise<SealRotation> {
    return this.#invoke({ action: 'rotate-seal' });
  }

  async #invoke<Answer>(message: SentMessage): Promise<Answer> {
    try {
      const { Payload, FunctionError } = await this.#client.send(
        new InvokeCommand({ FunctionName: this.#functionName, Payload: JSON.stringify(message) }),
      );
      if (!FunctionError && Payload) return JSON.parse(Payload.transformToString()) as Answer;
    } catch {
      // The cause may hold the request, and with it a token (I7).
    }
    throw new RefreshServiceError(
      `The function ${this.#functionName} failed or could not be invoked; see its log.`,
    );
  }
}

interface Done {
  readonly done: boolean;
}
