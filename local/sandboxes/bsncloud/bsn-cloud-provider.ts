import type { IncomingMessage } from 'node:http';
import * as v from 'valibot';
import { FaultQueue, faultOrderSchema } from '../provider/faults.ts';
import { fingerprint } from '../provider/fingerprint.ts';
import { type Answer, errorAnswer, jsonAnswer, readBody } from '../provider/http-answer.ts';
import { missingOrNoObject, parseJsonBody } from '../provider/json-body.ts';
import { createProvider, type ProviderOptions, type ProviderSandbox } from '../provider/provider.ts';
import type { Sandbox } from '../provider/sandbox.ts';
import type { SandboxRecord } from '../provider/sandbox-record.ts';
import { bearerOf, deadToken, type Handler, refuseAtGate } from '../provider/sandbox-routes.ts';
import type { StateJournal } from '../provider/sandbox-state.ts';
import { type BsnCloudRules, bsnCloudRules } from './bsn-cloud-rules.ts';
import { isNetworkRecord, type NetworkRecord, NetworkSessions } from './network-sessions.ts';

/** One line of the journal of this sandbox. */
export type BsnCloudRecord = SandboxRecord | NetworkRecord;

export interface BsnCloudOptions extends Pick<ProviderOptions, 'clock' | 'gate' | 'random' | 'onEvent'> {
  /** Every lifetime is divided by it. Above 0. */
  readonly scale: number;
  /** Makes the state outlive the process; open it with `fsync`. */
  readonly journal?: Pick<StateJournal<BsnCloudRecord>, 'entries' | 'append'>;
  /** Absent: those of BSN.cloud. */
  readonly rules?: BsnCloudRules;
}

/** Before the sandbox's own routes. BSN.cloud's have paths of their own, so all sandboxes share a port. */
export const BSN_CLOUD_PREFIX = '/bsncloud';
export const BSN_CLOUD_TOKEN_PATH = '/realms/bsncloud/protocol/openid-connect/token';
export const BSN_CLOUD_NETWORK_PATH = '/2022/06/REST/Self/Session/Network';

const PATHS = new Set([BSN_CLOUD_TOKEN_PATH, BSN_CLOUD_NETWORK_PATH]);

/** Whether a request is for this sandbox. */
export function isBsnCloudPath(path: string): boolean {
  return PATHS.has(path) || path.startsWith(`${BSN_CLOUD_PREFIX}/`);
}

/**
 * A provider with BSN.cloud's rules. Each new token must choose its network (`PUT …/Self/Session/Network` `{"name"}` →
 * 204) before it reaches anything: `GET /bsncloud/resource` is 200 in a network, 403 without one, 401 for a dead token.
 * For tests, beside what every sandbox has: `POST /bsncloud/_sandbox/clients`
 * `{client_id, client_secret, networks, scope}` (again with another secret: both work for a day),
 * `POST /bsncloud/_sandbox/network-faults`.
 */
export function createBsnCloudProvider(options: BsnCloudOptions): ProviderSandbox {
  const { scale, journal, rules = bsnCloudRules(scale), clock } = options;
  const networks = new NetworkSessions(rules.networkSessionMs);
  const entries = journal?.entries ?? [];
  for (const record of entries) if (isNetworkRecord(record)) networks.apply(record);
  const commit = (record: NetworkRecord) => {
    journal?.append(record);
    networks.apply(record);
  };
  return createProvider({
    ...options,
    rules: rules.provider,
    paths: { prefix: BSN_CLOUD_PREFIX, token: [BSN_CLOUD_TOKEN_PATH] },
    journal: journal && {
      entries: entries.filter((record) => !isNetworkRecord(record)),
      append: (record) => journal.append(record),
    },
    handlers: (sandbox) => networkHandlers({ sandbox, networks, commit, clock }),
  });
}

interface NetworkParts extends Pick<BsnCloudOptions, 'clock'> {
  readonly sandbox: Sandbox;
  readonly networks: NetworkSessions;
  commit(record: NetworkRecord): void;
}

function networkHandlers(parts: NetworkParts): Record<string, Handler> {
  const { sandbox, networks, commit, clock } = parts;
  const faults = new FaultQueue();
  return {
    [`PUT ${BSN_CLOUD_NETWORK_PATH}`]: async (request) =>
      refuseAtGate(request, sandbox) ?? (await withFault(request, parts, faults)),
    [`GET ${BSN_CLOUD_NETWORK_PATH}`]: (request) => {
      const accessToken = bearerOf(request);
      if (accessToken === undefined || !sandbox.isAlive(accessToken)) return deadToken();
      const name = networks.networkOf(accessToken, clock.nowMs());
      return name === undefined ? noNetwork(404) : jsonAnswer(200, { name });
    },
    [`GET ${BSN_CLOUD_PREFIX}/resource`]: (request) => {
      const refusal = refuseAtGate(request, sandbox);
      if (refusal) return refusal;
      const accessToken = bearerOf(request);
      if (!sandbox.openResource(accessToken) || accessToken === undefined) return deadToken();
      const name = networks.networkOf(accessToken, clock.nowMs());
      return name === undefined ? noNetwork(403) : jsonAnswer(200, { status: 'ok', network: name });
    },
    [`POST ${BSN_CLOUD_PREFIX}/_sandbox/clients`]: async (request) => {
      const given = parseJsonBody(await readBody(request), clientSchema);
      const { client_id: clientId, client_secret: clientSecret, scope } = given;
      sandbox.enrol({ clientId, clientSecret, scope });
      commit({ type: 'networks', client: fingerprint(clientId), networks: given.networks });
      return jsonAnswer(200, {});
    },
    [`POST ${BSN_CLOUD_PREFIX}/_sandbox/network-faults`]: async (request) => {
      faults.add(parseJsonBody(await readBody(request), faultOrderSchema));
      return jsonAnswer(200, {});
    },
  };
}

/** Chooses the network, unless a fault that was ordered meets the request before or after. */
async function withFault(request: IncomingMessage, parts: NetworkParts, faults: FaultQueue): Promise<Answer> {
  const fault = faults.next();
  if (fault) faults.use();
  if (fault?.kind === 'drop-request') request.socket.destroy();
  if (fault?.kind === 'http-503') return errorAnswer(503, 'temporarily_unavailable', 'an injected fault');
  if (fault?.kind === 'http-429') {
    const seconds = Math.max(1, Math.ceil((fault.ms ?? 0) / 1000));
    return errorAnswer(429, 'too_many_requests', 'an injected fault', { 'Retry-After': `${seconds}` });
  }
  if (request.socket.destroyed) return noNetwork(403);
  const answer = await choose(request, parts);
  if (fault?.kind === 'drop-response') request.socket.destroy();
  if (fault?.kind === 'slow') await parts.clock.sleep(fault.ms ?? 0);
  return fault?.kind === 'malformed' ? { ...jsonAnswer(200, {}), body: '{"na' } : answer;
}

async function choose(
  request: IncomingMessage,
  { sandbox, networks, commit, clock }: NetworkParts,
): Promise<Answer> {
  const accessToken = bearerOf(request);
  const client = sandbox.ownerOf(accessToken);
  if (accessToken === undefined || client === undefined) return deadToken();
  const { name } = parseJsonBody(await readBody(request), networkSchema);
  if (!networks.mayChoose(client, name)) {
    return errorAnswer(403, 'forbidden', 'name: not a network that this application may enter');
  }
  commit({
    type: 'network-chosen',
    atMs: clock.nowMs(),
    accessToken: fingerprint(accessToken),
    network: name,
  });
  return { status: 204, headers: { 'Cache-Control': 'no-store' }, body: '' };
}

const noNetwork = (status: 403 | 404) =>
  errorAnswer(status, 'no_network', `network: none is chosen for this token; PUT ${BSN_CLOUD_NETWORK_PATH}`);

const NOT_EMPTY = 'expected a text that is not empty';
const text = v.pipe(v.string(NOT_EMPTY), v.nonEmpty(NOT_EMPTY));
const networkSchema = v.object({ name: text }, missingOrNoObject);
const clientSchema = v.object(
  {
    client_id: text,
    client_secret: text,
    networks: v.array(text, 'expected a list of names'),
    scope: v.optional(text, 'bsn.api.main.session.read bsn.api.main.session.network.update'),
  },
  missingOrNoObject,
);
