import type { LambdaClient } from '@aws-sdk/client-lambda';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import type { Refreshed } from '../refresh/context.ts';
import type { Seed } from '../refresh/seed-chain.ts';
import { refreshMessage, seedMessage } from './messages.ts';
import { type RefreshRequest, type RefreshService, RefreshServiceError } from './refresh-service.ts';

/** Asks the refresh function by Lambda Invoke. */
export class LambdaRefreshService implements RefreshService {
  readonly #client: LambdaClient;
  readonly #functionName: string;

  constructor(client: LambdaClient, functionName: string) {
    this.#client = client;
    this.#functionName = functionName;
  }

  async refresh(request: RefreshRequest): Promise<Refreshed> {
    return (await this.#invoke(refreshMessage(request))) as Refreshed;
  }

  async seed(seed: Seed): Promise<boolean> {
    const answer = (await this.#invoke(seedMessage(seed))) as { readonly seeded: boolean };
    return answer.seeded;
  }

  async #invoke(message: object): Promise<unknown> {
    try {
      const { Payload, FunctionError } = await this.#client.send(
        new InvokeCommand({ FunctionName: this.#functionName, Payload: JSON.stringify(message) }),
      );
      if (!FunctionError && Payload) return JSON.parse(Payload.transformToString());
    } catch {
      // The cause may hold the request, and with it a token (I7).
    }
    throw new RefreshServiceError(
      `The function ${this.#functionName} failed or could not be invoked; see its log.`,
    );
  }
}
