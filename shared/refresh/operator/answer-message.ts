import { testAlert } from '../../events/test-alert.ts';
import { errorFields } from '../../log/log.ts';
import type { ActionMessage } from '../../refresh-service/messages.ts';
import { Secret } from '../../secret/secret.ts';
import { certificateEndMs } from '../../token-endpoint/request/key-material.ts';
import type { LoginCode } from '../../token-endpoint/token-endpoint.ts';
import { clientSecretOf } from '../../vault/stored-client.ts';
import type { Invocation } from '../context.ts';
import { adoptAnswer } from '../recovery/adopt-answer.ts';
import { recoverChain } from '../recovery/recover-chain.ts';
import { type OpenedAnswer, unreadableAnswers } from '../recovery/unreadable-answer.ts';
import { examine } from './examine.ts';
import { logIn } from './log-in.ts';
import { firstToken, nextToken } from './log-in-for.ts';
import { refreshNow } from './refresh-now.ts';
import { rotateSeal, type SealRings } from './rotate-seal.ts';
import { attemptInFlight, reseedChain, type Seed, seedChain } from './seed-chain.ts';
import { type DeviceContext, startDevice } from './start-device.ts';

export interface AnswerContext extends DeviceContext {
  readonly sealRings: SealRings;
}

/** What the refresh function does for the other functions. Rejects as the use cases do. */
export async function answerMessage(
  context: AnswerContext,
  invocation: Invocation,
  message: ActionMessage,
): Promise<unknown> {
  switch (message.action) {
    case 'refresh': {
      const { credential, force, if_generation: ifGeneration, refused, wait_ms } = message;
      return refreshNow(
        context,
        invocation,
        credential,
        { force, ifGeneration, refused, priority: force ? 'urgent' : 'reader' },
        wait_ms,
      );
    }
    case 'seed': {
      const { settings, chain, lanes, login } = message;
      const given = login && (await firstToken(context, invocation, settings, login, codeOf(message)));
      if (given?.refused) return { done: false, refused: given.refused };
      const seed = {
        settings,
        chain,
        lanes,
        ...seedOf(message, given?.refreshToken),
        living: livingOf(message),
        by: message.by,
      };
      return { done: await seedChain(context, seed) };
    }
    case 'reseed': {
      const { credential, chain, login, wait_ms: waitMs, by } = message;
      // A code is good once, and a login may end the chain before it: neither is spent while a refresh is in flight.
      const mayWait = login !== undefined && waitMs !== undefined;
      const leaseMs = mayWait
        ? await attemptInFlight(context, credential, context.clock.nowMs() + waitMs)
        : undefined;
      if (leaseMs !== undefined) return { done: false, in_flight_until_ms: leaseMs };
      const given = login && (await nextToken(context, invocation, credential, login, codeOf(message)));
      if (given?.refused) return { done: false, refused: given.refused };
      const seed = { credential, chain, ...seedOf(message, given?.refreshToken), waitMs, by };
      const reseeded = await reseedChain(context, seed);
      return {
        done: reseeded.result === 'begun',
        ...(reseeded.result === 'in-flight' && { in_flight_until_ms: reseeded.untilMs }),
      };
    }
    case 'update-client': {
      const client = await context.clientSecrets.update(message, message.changes);
      const endMs = certificateEndMs(client?.certificate);
      return { done: client !== undefined, ...(endMs !== undefined && { certificate_ends_at_ms: endMs }) };
    }
    case 'client-id':
      return { client_id: (await context.clientSecrets.stored(message)).client_id };
    case 'recover':
      return recoverChain(context, message.credential);
    case 'unreadable-answers':
      return { answers: (await unreadableAnswers(context, message.credential)).map(revealed) };
    case 'adopt-answer': {
      const { credential, chain, refresh_token_at: refreshTokenAt, wait_ms: waitMs } = message;
      return adoptAnswer(context, { credential, chain, refreshTokenAt, waitMs });
    }
    case 'rotate-seal':
      return rotateSeal(context, context.sealRings, invocation);
    case 'examine':
      return examine(context);
    case 'test-alert':
      return { accepted: await sendTestAlert(context, message.code) };
    case 'networks': {
      const { settings, login } = message;
      const { response, refused } = await logIn(context, invocation, {
        settings,
        client: clientSecretOf(login),
      });
      return { networks: response?.networks ?? [], refused };
    }
    case 'device-start': {
      const { settings, device_url: deviceUrl, login, ...owner } = message;
      const hasOwner = owner.credential !== undefined || owner.app !== undefined;
      const stored = hasOwner ? await context.clientSecrets.stored(owner) : undefined;
      const client = clientSecretOf({ ...stored, ...login });
      return startDevice(context, invocation, { settings, client, deviceUrl });
    }
  }
}

async function sendTestAlert(context: AnswerContext, code: string): Promise<boolean> {
  const { environment, events, clock, log, links } = context;
  try {
    await events.publish([testAlert(environment, code, clock.nowMs(), links)]);
    return true;
  } catch (error) {
    log.error('test alert not accepted', errorFields(error));
    return false;
  }
}

const revealed = ({ atMs, generation, body }: OpenedAnswer) => ({
  at_ms: atMs,
  generation,
  body: body.reveal(),
});

type Seeding = Extract<ActionMessage, { action: 'seed' | 'reseed' }>;

function seedOf(message: Seeding, loggedIn: Secret | undefined): Pick<Seed, 'refreshToken' | 'life'> {
  const { refresh_token_issued_at_ms: issuedAtMs, refresh_token_expires_at_ms: expiresAtMs } = message;
  return { refreshToken: loggedIn ?? secret(message.refresh_token), life: { issuedAtMs, expiresAtMs } };
}

function codeOf({ code: given }: Seeding): LoginCode | undefined {
  if (!given) return undefined;
  if ('device_code' in given) return { deviceCode: new Secret(given.device_code) };
  const { code, redirect_uri: redirectUri, code_verifier: codeVerifier } = given;
  return { code: new Secret(code), redirectUri, codeVerifier: new Secret(codeVerifier) };
}

function livingOf({
  access_token,
  expires_at_ms,
}: Extract<ActionMessage, { action: 'seed' }>): Seed['living'] {
  if (access_token === undefined || expires_at_ms === undefined) return undefined;
  return { accessToken: new Secret(access_token), expiresAtMs: expires_at_ms };
}

function secret(value: string | undefined): Secret | undefined {
  return value === undefined ? undefined : new Secret(value);
}
