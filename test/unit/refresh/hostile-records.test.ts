import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CredentialRecord } from '../../../shared/credential/credential.ts';
import type { TokenRequest } from '../../../shared/token-endpoint/token-endpoint.ts';
import { amount } from '../../runner/amount.ts';
import { type MortalCall, MortalProcess, MortalProcesses, tickIn } from '../../support/mortal-container.ts';
import { World } from '../../support/world.ts';

/** Where a refresh is when its record does what no record should be able to do. */
const STEPS = [
  'load',
  'client',
  'seal',
  'permit',
  'begin',
  'post',
  'answered',
  'keep',
  'kept',
  'publish',
] as const;
type Step = (typeof STEPS)[number];
const KINDS = ['abort', 'hang', 'throw'] as const;
/** Where it comes to no new pair: in every step before the pair is kept. */
const LOSES_ITS_TOKEN: ReadonlySet<Step> = new Set(STEPS.slice(0, STEPS.indexOf('keep')));
type Kind = (typeof KINDS)[number];

const HEALTHY = Array.from({ length: 20 }, (_, n) => `healthy-${n}`);
const HOSTILE = 'hostile';
const LOOK_SECONDS = amount({ test: 10, prove: 1 });
/** From then on the record is hostile: all have their token, and are due at different ticks. */
const HOSTILE_FROM = 7;
/** A process that hangs is as still as one that has ended: few of its steps are other than those. */
const OTHER_STEPS = amount({ test: 3, prove: STEPS.length });
const MINUTES = amount({ test: 45, prove: 240 });
const urlOf = (credential: string) => `https://${credential}.example/token`;

/** The step of which credential a call is. */
function stepOf({ port, operation, side, args }: MortalCall): readonly [Step, string] | undefined {
  const [first] = args;
  const record = first as CredentialRecord;
  const name = `${side} ${port}.${operation}`;
  switch (name) {
    case 'before ledger.load':
      return ['load', String(first)];
    case 'before clientSecrets.get':
      return ['client', record.credential];
    case 'before sealer.refreshToken':
      return ['seal', String(first)];
    case 'before quota.acquire':
      return ['permit', (first as { readonly key: string }).key.replace('quota-of-', '')];
    case 'before ledger.save':
      if (record.generation > (generations.get(record.credential) ?? 0)) return ['keep', record.credential];
      return record.attempt ? ['begin', record.credential] : undefined;
    case 'after ledger.save':
      if (record.generation <= (generations.get(record.credential) ?? 0)) return undefined;
      generations.set(record.credential, record.generation);
      return ['kept', record.credential];
    case 'before tokenEndpoint.post':
      return ['post', credentialOf(first as TokenRequest)];
    case 'after tokenEndpoint.post':
      return ['answered', credentialOf(first as TokenRequest)];
    case 'before publication.publish':
      return ['publish', record.credential];
    default:
      return undefined;
  }
}

const credentialOf = ({ tokenUrl }: TokenRequest) => new URL(tokenUrl).hostname.replace('.example', '');
let generations = new Map<string, number>();

interface Ordeal {
  /** Minutes at which the record was met. */
  readonly met: number[];
  /** Seconds without a living token, of each healthy credential. */
  readonly deadSeconds: Map<string, number>;
  readonly world: World;
}

async function liveBeside(kind: Kind, step: Step): Promise<Ordeal> {
  const world = new World();
  generations = new Map();
  const met: number[] = [];
  const deadSeconds = new Map<string, number>();
  let isHostile = false;
  let minute = 0;
  /** Those whose new pair is in the memory of a process alone: who ends it now ends a chain, which I4 allows for. */
  const unsaved = new Set<string>();
  const onCall = async (call: MortalCall) => {
    const at = stepOf(call);
    if (at?.[0] === 'post') unsaved.add(at[1]);
    if (at?.[0] === 'kept') unsaved.delete(at[1]);
    if (isHostile && at?.[0] === step && at[1] === HOSTILE) {
      while ([...unsaved].some((credential) => credential !== HOSTILE)) await world.clock.sleep(1);
    }
    if (!isHostile || !at || at[0] !== step || at[1] !== HOSTILE) return;
    met.push(minute);
    if (kind === 'throw') throw undefined;
    if (kind === 'abort') call.process.die();
    else call.process.isStill = true;
  };
  const processes = new MortalProcesses(world, onCall);
  const look = () => {
    if (minute < HOSTILE_FROM) return;
    for (const { credential, pair } of world.ledger.items()) {
      const isDead = (pair?.expiresAtMs ?? 0) <= world.clock.nowMs();
      if (credential !== HOSTILE && isDead)
        deadSeconds.set(credential, (deadSeconds.get(credential) ?? 0) + LOOK_SECONDS);
    }
  };
  const seeds = [HOSTILE, ...HEALTHY];
  let container: MortalProcess | undefined;
  for (; minute < MINUTES; minute += 1) {
    for (const credential of seeds.splice(0, 7)) {
      const quota = { key: `quota-of-${credential}`, limit: 10, windowMs: 60_000 };
      await world.seed(credential, { tokenUrl: urlOf(credential), quota });
    }
    isHostile = minute >= HOSTILE_FROM;
    if (!container || container.isStill) container = new MortalProcess(world, onCall, processes);
    void tickIn(world, container);
    for (let second = 0; second < 60; second += LOOK_SECONDS) {
      look();
      await world.clock.advance(1000 * LOOK_SECONDS);
    }
  }
  return { met, deadSeconds, world };
}

describe('a record that ends, stops or upsets whatever process refreshes it, beside twenty others', () => {
  for (const kind of KINDS) {
    const steps = kind === 'abort' ? STEPS : STEPS.slice(0, OTHER_STEPS);
    for (const step of steps) {
      it(`${kind} at ${step}`, async () => {
        const { met, deadSeconds, world } = await liveBeside(kind, step);
        for (const credential of HEALTHY) {
          assert.ok(await world.chainLives(credential), `the chain of ${credential} lives`);
          // A tick that it ends at first may cost those their token that were under way beside it: see protocol.md.
          assert.ok(
            (deadSeconds.get(credential) ?? 0) <= 30,
            `${credential} had no token for ${deadSeconds.get(credential)} s`,
          );
        }
        assert.ok(met.length > 0, 'it is met');
        const told = world.events.accepted.filter(({ detail }) => detail.credential === HOSTILE);
        const isTold = told.some(({ type }) => type !== 'Token Refreshed');
        assert.ok(isTold || !LOSES_ITS_TOKEN.has(step), 'it is told by name');
        // What it throws is caught: that comes to an outcome like any other.
        if (kind === 'throw') return;
        const late = met.filter((minute) => minute >= MINUTES - 20);
        assert.ok(late.length <= 3, `it is met ever more seldom: ${met.join(', ')}`);
      });
    }
  }
});
