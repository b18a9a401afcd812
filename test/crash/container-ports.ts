import type { CredentialRecord } from '../../shared/credential/credential.ts';
import type { EventPublisher } from '../../shared/events/event-publisher.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import type { QuotaRecord } from '../../shared/quota/permits.ts';
import type { PutOptions, SecretStore } from '../../shared/secret-store/secret-store.ts';
import type { Table } from '../../shared/table/table.ts';
import type { Timestamp } from '../../shared/telemetry/timestamps.ts';
import type { PortCall } from './port-calls.ts';
import type { Surroundings } from './surroundings.ts';
import { transitionName } from './transition-name.ts';

/** Within this, reads of the vault may be behind; the protocol allows for a minute. */
export const CONSISTENT_MS = 55_000;

/** Does `effect` in the world, with whatever happens to the caller before and after it. */
export type Pass = <Answer>(
  port: PortCall['port'],
  operation: string,
  name: string,
  effect: () => Promise<Answer>,
  more?: Pick<PortCall, 'key' | 'args'> & { readonly signal?: AbortSignal | undefined },
) => Promise<Answer>;

/** What a container calls. */
export interface Ports {
  readonly ledger: Ledger<CredentialRecord>;
  readonly quotaTable: Table<QuotaRecord>;
  readonly timestampsTable: Table<Timestamp>;
  readonly secrets: SecretStore;
  readonly events: EventPublisher;
}

/** The ports of one container: each call of them can be its last. */
export function portsOf(world: Surroundings, container: string, pass: Pass): Ports {
  const { quotaTable, timestampsTable, events } = world;
  return {
    ledger: ledgerOf(world, container, pass),
    quotaTable: {
      load: (key) => pass('quota', 'load', key, () => quotaTable.load(key)),
      save: (item) => pass('quota', 'save', item.quotaKey, () => quotaTable.save(item), { args: [item] }),
    },
    timestampsTable: {
      load: (key) => pass('timestamps', 'load', key, () => timestampsTable.load(key)),
      save: (item) =>
        pass('timestamps', 'save', item.quotaKey, () => timestampsTable.save(item), { args: [item] }),
    },
    secrets: secretsOf(world, pass),
    events: {
      publish: (told, signal) =>
        pass('bus', 'publish', '', () => events.publish(told), { signal, args: [told] }),
    },
  };
}

function ledgerOf(
  { ledger, watcher }: Surroundings,
  container: string,
  pass: Pass,
): Ledger<CredentialRecord> {
  const stored = (credential: string) => ledger.items().find((item) => item.credential === credential);
  return {
    load: (key) => pass('ledger', 'load', key, () => ledger.load(key)),
    save: (item) =>
      pass(
        'ledger',
        'save',
        transitionName(stored(item.credential), item),
        async () => {
          const before = stored(item.credential);
          await ledger.save(item);
          watcher.onSave?.(before, item, container);
        },
        { key: item.credential, args: [item] },
      ),
    due: (...args) => pass('ledger', 'due', '', () => ledger.due(...args), { args }),
    list: async function* (options) {
      // One call, as a page is.
      yield* await pass('ledger', 'list', '', async () => ledger.list(options), { args: [options] });
    },
    sharing: async function* (quotaKey) {
      yield* await pass('ledger', 'sharing', '', async () => ledger.sharing(quotaKey), { args: [quotaKey] });
    },
    attention: async function* (kind) {
      yield* await pass('ledger', 'attention', '', async () => ledger.attention(kind), { args: [kind] });
    },
  };
}

function secretsOf({ secrets, clock, replaced, isBehind }: Surroundings, pass: Pass): SecretStore {
  const replacing = async <Answer>(name: string, write: () => Promise<Answer>): Promise<Answer> => {
    const before = await secrets.get(name);
    const answer = await write();
    replaced.set(name, { atMs: clock.monotonicMs(), before });
    return answer;
  };
  const read: SecretStore['get'] = async (name, versionId) => {
    const last = replaced.get(name);
    const recent = last && clock.monotonicMs() - last.atMs < CONSISTENT_MS;
    return recent && isBehind(name) ? last.before : secrets.get(name, versionId);
  };
  const short = (name: string) => name.split('/').slice(2).join('/');
  return {
    get: (name, versionId) =>
      pass('vault', 'get', short(name), () => read(name, versionId), { args: [name, versionId] }),
    put: (name, value, options: PutOptions = {}) => {
      const { signal, ...others } = options;
      const write = () => replacing(name, () => secrets.put(name, value, others));
      return pass('vault', 'put', short(name), write, { signal, args: [name, value, others] });
    },
    create: (name, value) =>
      pass('vault', 'create', short(name), () => replacing(name, () => secrets.create(name, value)), {
        args: [name, value],
      }),
    retag: (name, changes) =>
      pass('vault', 'retag', short(name), () => secrets.retag(name, changes), { args: [name, changes] }),
    remove: (name, days) =>
      pass('vault', 'remove', short(name), () => secrets.remove(name, days), { args: [name, days] }),
  };
}
