import type { Shard } from '../../config/shards.ts';
import type { Timing } from '../../config/timing.ts';
import { errorFields } from '../../log/log.ts';
import type { TimestampName } from '../../telemetry/timestamps.ts';
import type { RefreshContext } from '../context.ts';
import { backoffMs } from '../outcome/backoff.ts';

/** What a tick notes durably of itself and of credentials that ended processes. */
export interface TickNotes {
  /** Ticks that began and have not said that they begin nothing more, the latest last. */
  readonly open: readonly { readonly id: string; readonly atMs: number }[];
  /** Credentials that ended the process in which they were alone. */
  readonly suspects: Readonly<Record<string, Suspect>>;
}

export interface Suspect {
  /** How often it ended a process, in a row. */
  readonly times: number;
  readonly untilMs: number;
}

const NONE: TickNotes = { open: [], suspects: {} };
/** More than these say nothing more. */
const MOST_OPEN = 5;
/** A suspect of which nothing was seen for so long is gone, or well. */
const FORGOTTEN_TICKS = 24 * 60;

/**
 * True when the last tick ended before it had begun all that it was to begin: its budget is over, and it has not said
 * so. Pure.
 */
export function endedEarly({ open }: TickNotes, nowMs: number, { tickBudgetMs }: Timing): boolean {
  return open.some(({ atMs }) => nowMs - atMs > tickBudgetMs);
}

/** A credential ended its process once more: the next time is ever later. Pure. */
export function suspected(
  notes: TickNotes,
  credential: string,
  nowMs: number,
  timing: Timing,
  fraction: number,
): TickNotes {
  const times = (notes.suspects[credential]?.times ?? 0) + 1;
  const untilMs = nowMs + backoffMs(times, timing, fraction);
  return { ...notes, suspects: { ...notes.suspects, [credential]: { times, untilMs } } };
}

/**
 * The notes of one tick. Each is one small item of the quota table, read and written once:
 *
 *     begin      {open: [this tick]}          a tick that finds an older one here is careful
 *     ended      {suspects: {credential}}     before anything else of it is touched
 *     sign off   {open: []}                   nothing more is begun by this tick
 */
export class TickJournal {
  readonly isCareful: boolean;
  #suspects: TickNotes['suspects'];
  readonly #context: RefreshContext;
  readonly #name: TimestampName;
  readonly #id: string;
  #signedOff: Promise<void> | undefined;

  private constructor(
    context: RefreshContext,
    name: TimestampName,
    id: string,
    isCareful: boolean,
    notes: TickNotes,
  ) {
    this.#context = context;
    this.#name = name;
    this.#id = id;
    this.isCareful = isCareful;
    this.#suspects = notes.suspects;
  }

  /** Begins a tick. Never rejects: without its notes a tick is like any other. */
  static async begin(context: RefreshContext, { index }: Shard): Promise<TickJournal> {
    const { clock, random, timing } = context;
    const name = index === 0 ? 'tick-journal' : (`tick-journal-${index}` as const);
    const id = random.id();
    const nowMs = clock.nowMs();
    let isCareful = false;
    const notes = await change(context, name, (before) => {
      isCareful = endedEarly(before, nowMs, timing);
      const open = [...before.open, { id, atMs: nowMs }].slice(-MOST_OPEN);
      return { open, suspects: remembered(before.suspects, nowMs, timing) };
    });
    return new TickJournal(context, name, id, isCareful, notes ?? NONE);
  }

  isSuspect(credential: string): boolean {
    return Object.hasOwn(this.#suspects, credential);
  }

  /** It ended its process lately: it is left alone until its time has come. */
  isHeld(credential: string, nowMs: number): boolean {
    return this.isSuspect(credential) && nowMs < (this.#suspects[credential]?.untilMs ?? 0);
  }

  /** Notes that a credential ended the process in which it was alone. */
  async suspect(credential: string): Promise<void> {
    const { clock, timing, random } = this.#context;
    const [nowMs, fraction] = [clock.nowMs(), random.fraction()];
    const noted = (notes: TickNotes) => suspected(notes, credential, nowMs, timing, fraction);
    const notes = await change(this.#context, this.#name, noted);
    // What no store takes is held by this tick at least.
    this.#suspects = (notes ?? noted({ open: [], suspects: this.#suspects })).suspects;
  }

  /** An attempt of it ended with its process: its next refresh has a process of its own, though it need not wait. */
  async watch(credential: string): Promise<void> {
    if (this.isSuspect(credential)) return;
    const watched = { times: 0, untilMs: this.#context.clock.nowMs() };
    this.#suspects = { ...this.#suspects, [credential]: watched };
    await change(this.#context, this.#name, ({ open, suspects }) => ({
      open,
      suspects: { [credential]: watched, ...suspects },
    }));
  }

  /** It came to an outcome: it is a credential like any other. */
  async acquit(credential: string): Promise<void> {
    if (!this.isSuspect(credential)) return;
    const { [credential]: _, ...others } = this.#suspects;
    this.#suspects = others;
    await change(this.#context, this.#name, ({ open, suspects: { [credential]: __, ...suspects } }) => ({
      open,
      suspects,
    }));
  }

  /** This tick begins nothing more. */
  signOff(): Promise<void> {
    this.#signedOff ??= change(this.#context, this.#name, ({ open, suspects }) => {
      const own = open.findIndex(({ id }) => id === this.#id);
      // Those before it are over too: this one was careful because of them.
      return { open: own === -1 ? open : open.slice(own + 1), suspects };
    }).then(() => undefined);
    return this.#signedOff;
  }
}

function remembered(
  suspects: TickNotes['suspects'],
  nowMs: number,
  { tickMs }: Timing,
): TickNotes['suspects'] {
  const isRecent = ({ untilMs }: Suspect) => nowMs - untilMs < FORGOTTEN_TICKS * tickMs;
  return Object.fromEntries(Object.entries(suspects).filter(([, suspect]) => isRecent(suspect)));
}

async function change(
  { timestamps, log }: RefreshContext,
  name: TimestampName,
  decide: (before: TickNotes) => TickNotes,
): Promise<TickNotes | undefined> {
  try {
    return notesOf(await timestamps.note(name, (before) => decide(notesOf(before))));
  } catch (error) {
    log.warn('tick not noted', errorFields(error));
    return undefined;
  }
}

function notesOf(note: unknown): TickNotes {
  if (typeof note !== 'object' || note === null) return NONE;
  const { open, suspects } = note as Partial<TickNotes>;
  return {
    open: Array.isArray(open) ? open : [],
    suspects: typeof suspects === 'object' && suspects !== null ? suspects : {},
  };
}
