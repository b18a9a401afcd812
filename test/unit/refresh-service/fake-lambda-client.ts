import type { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as v from 'valibot';
import { ActionMessage } from '../../../shared/refresh-service/messages.ts';

/** One Invoke as it was sent. */
export interface SentInvoke {
  readonly functionName?: string;
  readonly payload: string;
}

/**
 * A Lambda client whose function parses its event as the refresh function does and answers with JSON. A function that
 * throws answers as Lambda does, with the error's message in the payload.
 */
export function fakeLambdaClient(answer: (message: ActionMessage) => Promise<unknown>) {
  const sent: SentInvoke[] = [];
  const send = async ({ input }: InvokeCommand) => {
    const payload = String(input.Payload);
    sent.push({ functionName: input.FunctionName, payload });
    try {
      const answered = await answer(v.parse(ActionMessage, JSON.parse(payload)));
      return { StatusCode: 200, Payload: bytes(JSON.stringify(answered)) };
    } catch (error) {
      const errorMessage = error instanceof Error ? error.message : 'error';
      return {
        StatusCode: 200,
        FunctionError: 'Unhandled',
        Payload: bytes(JSON.stringify({ errorMessage })),
      };
    }
  };
  return { sent, client: clientOf(send) };
}

/** A Lambda client that does only this. */
export function clientOf(send: (command: InvokeCommand) => Promise<unknown>): LambdaClient {
  return { send } as unknown as LambdaClient;
}

/** A payload as the SDK gives it. */
export function bytes(text: string) {
  return { transformToString: () => text };
}
