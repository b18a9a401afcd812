import { Command, InvalidArgumentError, Option } from 'commander';
import { type CommandLine, readCommandLine, runCommandLine } from '../../local/command-line.ts';
import { exploreAsFar } from './by-switches.ts';
import { drawOrder, parseReplay, renderReplay } from './drawing.ts';
import { type Exploration, type ExploreOptions, explore } from './explore.ts';
import { FAULTS } from './faults.ts';
import { MUTANTS } from './mutants.ts';
import { placesOf, replay } from './replay.ts';
import { shortest } from './shortest.ts';
import { sweep } from './sweep.ts';
import { listedStates, writeTable } from './table.ts';
import type { WorldModel } from './world-model.ts';
import { tasksOf, WORLDS, wideTasksOf, worldNamed } from './worlds.ts';

interface ExploreArguments {
  readonly worlds: readonly WorldModel[];
  readonly options: ExploreOptions;
  /** As far as the time goes, by the number of switches. */
  readonly isWide: boolean;
  readonly mutant?: string;
  readonly replay?: string;
  readonly table: boolean;
}

/** `npm run explore`. Exit codes: 0 nothing was broken, 1 something was, 2 wrong usage. */
await runCommandLine(parseArguments(process.argv.slice(2)), run);

function parseArguments(args: readonly string[]): CommandLine<ExploreArguments> {
  const names = WORLDS.map(({ name }) => name);
  const command = new Command('npm run explore --')
    .description('Goes through every order of steps in a small world, on the real use cases.')
    .addOption(new Option('--world <name>', 'the world (default: all of them)').choices(names))
    .addOption(
      new Option('--faults <n>', 'calls that may be struck in one order').argParser(count).default(0),
    )
    .addOption(new Option('--fault <kind>', 'only faults of this kind').choices(FAULTS))
    .addOption(
      new Option('--mutant <name>', 'with a part of the protocol taken away').choices(
        MUTANTS.map(({ name }) => name),
      ),
    )
    .addOption(new Option('--seconds <n>', 'CPU time for each world').argParser(count).default(600))
    .addOption(
      new Option(
        '--budget <seconds>',
        'CPU time for each: all orders if half of it is enough, else those with the fewest switches',
      ).argParser(count),
    )
    .addOption(
      new Option(
        '--table',
        'write the figures of all worlds, or of that one, into docs/reliability.md: without a fault and with one of each kind, two at a time; with --budget three parties and two faults',
      ),
    )
    .addOption(new Option('--replay <places>', 'exactly one order, as a report gives it'));
  return readCommandLine(command, args, () => {
    const { world, faults, fault, mutant, seconds, budget, replay: places, table = false } = command.opts();
    const kinds = fault === undefined ? undefined : [fault];
    const alter = MUTANTS.find(({ name }) => name === mutant)?.alter;
    const worlds = world === undefined ? WORLDS : [worldNamed(world)];
    return {
      worlds,
      options: { faults, kinds, alter, budgetMs: (budget ?? seconds) * 1000 },
      isWide: budget !== undefined,
      mutant,
      replay: places,
      table,
    };
  });
}

function count(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number.');
}

async function run(args: ExploreArguments): Promise<void> {
  const { worlds, options, isWide, mutant, replay: places, table } = args;
  // An order is made of errors that somebody expects; where they came from is of no interest.
  Error.stackTraceLimit = 0;
  if (table) {
    const budgetMs = options.budgetMs ?? Number.POSITIVE_INFINITY;
    const all = isWide ? wideTasksOf(budgetMs) : tasksOf(budgetMs, await listedStates());
    const tasks = all.filter(({ world }) => worlds.some(({ name }) => name === world));
    const results = await sweep(tasks, ({ world, faults, kind, found }) =>
      console.log(line(kind ? `${world}, ${kind}` : world, faults, found)),
    );
    await writeTable(results);
    if (results.some(({ found }) => found.violation)) process.exitCode = 1;
    return;
  }
  const [first] = worlds;
  if (places !== undefined && first) {
    const { steps, what } = await replay(first, options, parseReplay(places));
    console.log(drawOrder(first, steps, what));
    return;
  }
  for (const world of worlds) {
    const found = await (isWide ? exploreAsFar : explore)(world, options);
    console.log(line(world.name, options.faults, found));
    if (!found.violation) continue;
    process.exitCode = 1;
    const { steps, what } = (await shortest(world, options)) ?? found.violation;
    console.log(drawOrder(world, steps, what));
    const order = renderReplay(await placesOf(world, options, steps));
    const struck = options.kinds === undefined ? '' : ` --fault '${options.kinds[0]}'`;
    const named = mutant === undefined ? '' : ` --mutant ${mutant}`;
    console.log(
      `\n    npm run explore -- --world ${world.name} --faults ${options.faults}${struck}${named} --replay ${order}\n`,
    );
  }
}

function line(name: string, faults: number, found: Exploration): string {
  const { orders, states, skipped, deepest, seconds, isComplete, switches = -1, violation } = found;
  const far =
    switches < 0 ? '' : `, after all orders of up to ${switches} switch${switches === 1 ? '' : 'es'}`;
  const end = violation ? 'violated' : isComplete ? 'complete' : `not complete: the time was up${far}`;
  return `${name}, ${faults} faults: ${orders} orders, ${states} states, ${skipped} steps skipped, depth ${deepest}, ${seconds.toFixed(1)} s; ${end}`;
}
