import type { CredentialRecord } from '../../../shared/credential/credential.ts';
import type { EventPublisher, RenovaEvent } from '../../../shared/events/event-publisher.ts';
import type { Ledger } from '../../../shared/ledger/ledger.ts';
import type { Random } from '../../../shared/random/random.ts';
import type { SecretStore } from '../../../shared/secret-store/secret-store.ts';
import type { Revisioned, Table } from '../../../shared/table/table.ts';
import type { Dice } from '../dice.ts';
import type { Container } from './container.ts';
import type { Stores } from './stores.ts';

/** The ports of one container: each call of them is a call to the world, where anything can happen to it. */
export function portsOf(
  container: Container,
  stores: Stores,
  dice: Dice,
  accept: (events: readonly RenovaEvent[]) => void,
) {
  const random = randomOf(container, dice);
  return {
    random,
    ledger: ledgerOf(container, stores),
    quotaTable: tableOf(container, stores.quota),
    timestampsTable: tableOf(container, stores.timestamps),
    vault: vaultOf(container, stores, random),
    events: eventsOf(container, accept),
  };
}

function randomOf(container: Container, dice: Dice): Random {
  let ids = 0;
  return {
    id: () => {
      ids += 1;
      return `${container.name}.${ids}`;
    },
    fraction: dice.fraction,
  };
}

function ledgerOf(container: Container, stores: Stores): Ledger<CredentialRecord> {
  const call = <Answer>(operation: string, effect: () => Promise<Answer>) =>
    container.call({ port: 'ledger', operation }, effect);
  return {
    load: (credential) => call('load', () => stores.loadRecord(credential)),
    save: (record) => call('save', () => stores.saveRecord(record)),
    due: (...args) => call('due', () => stores.due(...args)),
    list: async function* (options) {
      yield* await call('list', async () => stores.records(options));
    },
    attention: async function* (kind) {
      yield* await call('attention', async () => stores.needing(kind));
    },
    sharing: async function* (quotaKey) {
      yield* await call('sharing', async () => stores.sharing(quotaKey));
    },
  };
}

/** Any table that stands where the quota table does: quotas and timestamps are items of one. */
export function tableOf<Item extends Revisioned>(container: Container, table: Table<Item>): Table<Item> {
  return {
    load: (key) => container.call({ port: 'quota', operation: 'load' }, () => table.load(key)),
    save: (item) => container.call({ port: 'quota', operation: 'save' }, () => table.save(item)),
  };
}

function vaultOf(container: Container, stores: Stores, random: Random): SecretStore {
  const call = <Answer>(operation: string, effect: () => Promise<Answer>, signal?: AbortSignal) =>
    container.call({ port: 'vault', operation }, effect, signal);
  return {
    get: (name, versionId) => call('get', () => stores.readSecret(name, versionId)),
    // The client chooses the token of a request, and sends the same one again.
    put: (name, value, { requestToken = `request-${random.id()}`, signal } = {}) =>
      call('put', () => stores.putSecret(name, value, requestToken), signal),
    create: (name, value) => call('create', () => stores.createSecret(name, value)),
    retag: (name, changes) => call('retag', () => stores.retagSecret(name, changes)),
    remove: (name, recoveryDays) => call('remove', () => stores.removeSecret(name, recoveryDays)),
  };
}

function eventsOf(container: Container, accept: (events: readonly RenovaEvent[]) => void): EventPublisher {
  return {
    publish: (events, signal) =>
      container.call({ port: 'events', operation: 'publish' }, async () => accept(events), signal),
  };
}
