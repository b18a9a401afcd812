import { hash } from 'node:crypto';
import type { Container } from '../crash/container.ts';
import { CONSISTENT_MS } from '../crash/container-ports.ts';
import { CREDENTIAL } from '../crash/surroundings.ts';
import { Witness } from '../property/witness.ts';
import { conflict, EVERYTHING, type Footprint, footprintOf, PULSE } from './footprint.ts';
import { FAULTS, type Fault, Gate, type Held } from './gate.ts';
import { type Beginning, SmallWorld } from './small-world.ts';
import { digestOf, digestOfItems, SetDigest } from './state-digest.ts';
import { afterOrder, atRest, duringOrder } from './verdict.ts';
import type { Alter, Party, WorldModel } from './world-model.ts';

/** A step that can be taken next. */
export interface Choice {
  /** The same wherever this step can be taken: what a replay names. */
  readonly id: string;
  readonly party?: string;
  readonly footprint: Footprint;
  readonly fault?: Fault;
  /** Nobody's future can write what it reads: trying it first loses nothing. */
  readonly isPrivate: boolean;
}

const PASSING = 'time passes';
const WAKING = 'time passes until the next timer';
const VAULT = 'renova/prd/';

/** How a world is gone through. */
export interface Rules {
  /** How many calls may be struck in one order. */
  readonly faults: number;
  readonly alter?: Alter;
  /** False: calls that cannot influence each other are tried in both orders. */
  readonly reduces?: boolean;
}

/** One order of steps in one world, from its beginning. */
export class Execution {
  readonly world: SmallWorld;
  readonly witness: Witness;
  readonly gate = new Gate();
  /** What was broken, if anything was. */
  violation: string | undefined;
  readonly #model: WorldModel;
  readonly #reduces: boolean;
  readonly #declared: Declared;
  readonly #containers = new Map<string, Container>();
  readonly #results = new Map<string, string>();
  readonly #places = new Map<string, Place>();
  readonly #secrets = new Map<string, string>();
  #faultsLeft: number;
  #passed = false;
  #isStruck = false;
  /** True while the way to where an order goes on is repeated: it was looked at before. */
  isReplaying = false;

  private constructor(
    model: WorldModel,
    world: SmallWorld,
    witness: Witness,
    { faults, reduces = true }: Rules,
  ) {
    this.#model = model;
    this.#declared = new Declared(model.parties.flatMap(({ writes }) => writes));
    this.#reduces = reduces;
    this.world = world;
    this.witness = witness;
    this.#faultsLeft = faults;
  }

  static async begin(model: WorldModel, beginning: Beginning, rules: Rules): Promise<Execution> {
    const witness = new Witness();
    const world = new SmallWorld(beginning, witness);
    witness.watch(world);
    await world.begin(beginning);
    const execution = new Execution(model, world, witness, rules);
    for (const party of model.parties) execution.#admit(party, rules.alter);
    return execution;
  }

  #admit({ name, skewMs }: Party, alter?: Alter): void {
    const container = this.world.party(name, this.gate, skewMs);
    if (alter) Object.assign(container.context, alter(container.context, container));
    this.#containers.set(name, container);
  }

  /** True once every party is done or dead and nothing is on its way. */
  get isOver(): boolean {
    return this.gate.held.length === 0 && this.#model.parties.every(({ name }) => this.#isSettled(name));
  }

  #isSettled(name: string): boolean {
    return this.#results.has(name) || this.#containers.get(name)?.isDead === true;
  }

  /** Every step that can be taken now. */
  choices(): Choice[] {
    const { held } = this.gate;
    const choices: Choice[] = [];
    for (const party of this.#model.parties) {
      if (!this.#places.has(party.name))
        choices.push({
          id: `${party.name}: start`,
          party: party.name,
          footprint: { reads: ['time'], writes: [] },
          isPrivate: false,
        });
    }
    for (const one of held) this.#choicesOf(one, choices);
    const isWaiting = held.every(({ isLate }) => isLate);
    const isSomebodyAsleep = this.#model.parties.some(
      ({ name }) => this.#places.has(name) && !this.#isSettled(name),
    );
    if (isWaiting && isSomebodyAsleep && this.world.clock.nextWakeAtMs !== undefined)
      choices.push({ id: WAKING, footprint: EVERYTHING, isPrivate: false });
    const { passing } = this.#model;
    if (passing && !this.#passed && this.#places.size > 0)
      choices.push({ id: `${PASSING}: ${passing.what}`, footprint: EVERYTHING, isPrivate: false });
    return choices;
  }

  #choicesOf({ id, party, call, isLate }: Held, choices: Choice[]): void {
    const footprint = footprintOf(call);
    const isPrivate = !this.#canStillPass && !isLate && this.#isPrivate(footprint);
    choices.push({ id, party, footprint, isPrivate });
    if (isLate || this.#faultsLeft === 0) return;
    for (const fault of FAULTS) {
      if (this.#applies(fault, call, footprint))
        choices.push({ id: `${id} × ${fault}`, party, footprint, fault, isPrivate });
    }
  }

  get #canStillPass(): boolean {
    return this.#model.passing !== undefined && !this.#passed;
  }

  #isPrivate({ reads, writes }: Footprint): boolean {
    if (writes.length > 0) return false;
    const others = { reads: [], writes: this.#model.parties.flatMap((party) => party.writes) };
    return !conflict({ reads, writes: [] }, others);
  }

  #applies(fault: Fault, { port, operation, key }: Held['call'], { writes }: Footprint): boolean {
    switch (fault) {
      case 'crash':
      case 'freeze':
        return true;
      case 'throttle':
        return true;
      case 'lost answer':
      case 'late write':
        return writes.length > 0 && operation !== 'connect';
      case 'late answer':
        return port !== 'bus' && port !== 'timestamps' && operation !== 'connect';
      case 'stale read': {
        if (port !== 'vault' || operation !== 'get') return false;
        const last = this.world.replaced.get(`${VAULT}${key}`);
        return last !== undefined && this.world.clock.monotonicMs() - last.atMs < CONSISTENT_MS;
      }
    }
  }

  /** Takes the step of that name, and looks at what has become of the world. */
  async take(id: string): Promise<void> {
    const { clock } = this.world;
    if (id === WAKING) await clock.advance(Math.max(0, (clock.nextWakeAtMs ?? 0) - clock.monotonicMs()));
    else if (id.startsWith(PASSING)) {
      this.#passed = true;
      await clock.advance(this.#model.passing?.ms ?? 0);
    } else if (id.endsWith(': start')) this.#start(id.slice(0, -': start'.length));
    else await this.#release(id);
    await drained();
    // With nothing left that could go wrong, what concerns nobody else is no step of its own.
    for (let next = this.#unseen(); next; next = this.#unseen()) await this.#release(next.id);
    await this.#look();
  }

  #unseen(): Choice | undefined {
    if (this.#faultsLeft > 0 || !this.#reduces) return undefined;
    return this.choices().find(({ isPrivate }) => isPrivate);
  }

  #start(name: string): void {
    const party = this.#model.parties.find((one) => one.name === name);
    const container = this.#containers.get(name);
    if (!party || !container) throw new Error(`there is no party ${name}`);
    this.#place(name).add(`start @${this.world.clock.monotonicMs()}`);
    const settle = (result: string) => this.#results.set(name, result);
    party.act(container, this.world).then(
      (result) => settle(JSON.stringify(result) ?? ''),
      (error: unknown) => {
        settle(String(error));
        this.#judge(name, error);
      },
    );
  }

  async #release(id: string): Promise<void> {
    const [plain = '', fault] = id.split(' × ') as [string, Fault | undefined];
    const held = this.gate.held.find((one) => one.id === plain);
    if (!held) throw new Error(`${plain} is not held: the world is not the same again`);
    const { call, party } = held;
    const { provider } = this.world;
    if (fault) {
      this.#faultsLeft -= 1;
      this.#isStruck = true;
    }
    const footprint = footprintOf(call);
    const before = this.#readBy(footprint);
    if (fault === 'stale read') this.world.isBehind = (name) => name === `${VAULT}${call.key}`;
    if (fault === 'throttle' && call.operation === 'post') provider.isThrottling = true;
    this.gate.release(plain, fault);
    await drained();
    this.world.isBehind = () => false;
    if (call.port === 'vault' && call.operation !== 'get') await this.#noteSecret(`${VAULT}${call.key}`);
    this.#remember(party, id, footprint, before, fault);
  }

  /**
   * What a party knows from a call. A read is known until the party has replaced what it read: of that write it knows
   * that it was taken (and of a record, how it is then).
   */
  #remember(party: string, id: string, { reads, writes }: Footprint, before: string, fault?: Fault): void {
    const atMs = this.world.clock.monotonicMs();
    const after = this.#readBy({ reads, writes });
    const [written] = writes;
    if (written && written !== 'provider' && fault === undefined && after !== before) {
      if (!this.#declared.has(written))
        this.violation ??= `footprint: ${party} writes ${written}, undeclared`;
      this.#place(party).forget(written);
      this.#place(party).add(
        `${id.replace(/ \(\d+\)$/, '')} @${atMs} ${written.startsWith('ledger') ? after : 'taken'}`,
        written,
      );
      return;
    }
    this.#place(party).add(`${id} @${atMs} ${before}`, reads[0]);
  }

  #place(party: string): Place {
    const place = this.#places.get(party) ?? new Place();
    this.#places.set(party, place);
    return place;
  }

  /** Everything that the answer of a call depends on. */
  #readBy({ reads, writes }: Footprint): string {
    return [...reads, ...writes].map((name) => this.#resource(name)).join();
  }

  #resource(name: string): string {
    const { ledger, quotaTable, timestampsTable } = this.world;
    const [store, key] = name.split(' ');
    switch (store) {
      case 'ledger':
        return digestOfItems(ledger.items().filter(({ credential }) => key === '*' || credential === key));
      case 'quota':
        return digestOfItems(quotaTable.items().filter(({ quotaKey }) => quotaKey === key));
      case 'timestamps':
        return digestOfItems(timestampsTable.items().filter(({ quotaKey }) => quotaKey === key));
      case 'vault':
        return this.#secrets.get(`${VAULT}${key}`) ?? '';
      default:
        return this.#providerState();
    }
  }

  #providerState(): string {
    return [...this.world.provider.issued.values()]
      .map(({ token, spent }) => `${token}${spent ? '-' : '+'}`)
      .join();
  }

  async #noteSecret(name: string): Promise<void> {
    const stored = await this.world.secrets.get(name);
    this.#secrets.set(
      name,
      `${digestOf(stored?.value.reveal() ?? '')} ${this.world.replaced.get(name)?.atMs}`,
    );
  }

  /** The state, up to what makes no difference: stores, provider, clock, and the place of each party. */
  key(): string {
    const { ledger, quotaTable, timestampsTable, clock, posts } = this.world;
    const places = this.#model.parties.map(({ name }) => {
      const result = this.#results.get(name);
      if (this.#containers.get(name)?.isDead) return 'dead';
      if (result !== undefined) return `done ${result} ${this.#containers.get(name)?.context.unstored.size}`;
      return this.#places.get(name)?.value ?? 'not begun';
    });
    const late = this.gate.held.filter(({ isLate }) => isLate).map(({ id }) => id);
    const sent = posts.map(({ token, outcome, endedAtMs }) => `${token} ${outcome} ${endedAtMs}`).sort();
    const secrets = [...this.#secrets].map(([name, digest]) => `${name} ${digest}`).sort();
    return hash(
      'sha1',
      [
        digestOfItems(ledger.items()),
        digestOfItems(quotaTable.items()),
        digestOfItems(timestampsTable.items().filter(({ quotaKey }) => quotaKey !== PULSE)),
        secrets.join(),
        this.#providerState(),
        sent.join(),
        clock.monotonicMs(),
        this.#faultsLeft,
        this.#passed,
        late.join(),
        places.join(' | '),
      ].join('\n'),
      'base64',
    );
  }

  /** The end of the order: lets the world come to rest, and judges it. */
  async finish(): Promise<void> {
    if (this.violation) return;
    if (!this.#isStruck) await this.#try(() => afterOrder(this.world));
    const living = [...this.#containers.values()].filter(
      ({ isDead, context }) => !isDead && context.unstored.size > 0,
    );
    this.gate.open();
    const medic = this.world.party('medic', this.gate);
    await this.#try(() => atRest(this.world, this.#model, this.witness, medic, living));
    this.#blame();
  }

  async #look(): Promise<void> {
    const stored = await this.world.secrets.get(this.world.names.rescue(CREDENTIAL));
    this.witness.rescuedPair = stored && JSON.parse(stored.value.reveal());
    this.witness.look();
    if (this.isReplaying) return;
    await this.#try(() => duringOrder(this.world, this.#model));
    this.#blame();
  }

  #blame(): void {
    const [first] = this.witness.violations;
    if (first) this.violation ??= first.message;
  }

  /** An error of a party is a violation unless it says that a store or a service failed. */
  #judge(name: string, error: unknown): void {
    const { code } = error as { code?: string };
    if (typeof code !== 'string' || code === 'invariant-violated' || code.startsWith('ERR_'))
      this.violation ??= `${name} ended in ${String(error)}`;
  }

  async #try(look: () => void | Promise<void>): Promise<void> {
    try {
      await look();
    } catch (error) {
      this.violation ??= error instanceof Error ? error.message : String(error);
    }
  }
}

/** How far a party has come: what it knows of each resource. */
class Place {
  readonly #all = new SetDigest();
  readonly #of = new Map<string, string[]>();

  add(what: string, resource = ''): void {
    this.#all.add(what);
    this.#of.set(resource, [...(this.#of.get(resource) ?? []), what]);
  }

  forget(resource: string): void {
    for (const what of this.#of.get(resource) ?? []) this.#all.remove(what);
    this.#of.delete(resource);
  }

  get value(): string {
    return this.#all.value;
  }
}

/** What the parties have said that they can write. */
class Declared {
  readonly #writes: Footprint;

  constructor(writes: readonly string[]) {
    this.#writes = { reads: [], writes };
  }

  has(resource: string): boolean {
    return conflict({ reads: [], writes: [resource] }, this.#writes);
  }
}

/** Every promise reaction has run. */
function drained(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
