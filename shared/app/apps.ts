import type { Clock } from '../clock/clock.ts';
import type { Random } from '../random/random.ts';
import type { Revisioned, Table } from '../table/table.ts';
import { updateItem } from '../table/update-item.ts';
import type { ClientMember } from '../vault/stored-client.ts';

/** What is known of an app beside its secret: nothing in it is secret. */
export interface App {
  readonly name: string;
  /** Which members its client has (`client_id`, `client_secret`), so that settings can be checked without reading it. */
  readonly members: readonly ClientMember[];
  readonly createdAtMs: number;
  readonly changedAtMs: number;
  /** When its client secret or certificate ends (epoch ms); absent: not known. */
  readonly clientExpiresAtMs?: number;
  /** Names by which an operator finds it again. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Somebody removes it: no credential may begin to use it. */
  readonly removing?: true;
}

/** The one item that holds every app. It lies beside the credentials, under a key that no credential can have. */
export interface AppsRecord extends Revisioned {
  readonly credential: typeof APPS_KEY;
  readonly apps: Readonly<Record<string, App>>;
}

/** Key of {@link AppsRecord} in the table of credentials. No credential id has a slash. */
export const APPS_KEY = 'renova/apps';

/**
 * The apps of an environment: clients that are kept once and used by any number of credentials. Every method rejects
 * with `StoreUnavailableError`.
 */
export class Apps {
  readonly #table: Table<AppsRecord>;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(table: Table<AppsRecord>, clock: Clock, random: Random) {
    this.#table = table;
    this.#clock = clock;
    this.#random = random;
  }

  /** The app of that name; undefined if there is none. */
  async find(name: string): Promise<App | undefined> {
    return appOf(await this.#table.load(APPS_KEY), name);
  }

  /** Every app, by name. */
  async all(): Promise<readonly App[]> {
    const { apps = {} } = (await this.#table.load(APPS_KEY)) ?? {};
    return Object.values(apps).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Puts what `decide` makes of the app into its place (undefined: it goes), and gives it. `decide` may be asked again. */
  async change(name: string, decide: (app: App | undefined) => App | undefined): Promise<App | undefined> {
    const record = await updateItem<AppsRecord>({
      table: this.#table,
      clock: this.#clock,
      random: this.#random,
      key: APPS_KEY,
      what: 'The list of apps',
      decide: (before) => {
        const { [name]: app, ...others } = before?.apps ?? {};
        const changed = decide(app);
        if (changed === app) return undefined;
        const apps = changed ? { ...others, [name]: changed } : others;
        return { credential: APPS_KEY, apps, revision: 0, writer: '' };
      },
    });
    return appOf(record, name);
  }
}

function appOf(record: AppsRecord | undefined, name: string): App | undefined {
  return record && Object.hasOwn(record.apps, name) ? record.apps[name] : undefined;
}
