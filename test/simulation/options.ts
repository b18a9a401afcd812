import { Command, InvalidArgumentError, Option } from 'commander';
import { type CommandLine, readCommandLine, refuse } from '../../local/command-line.ts';
import { ENVIRONMENTS } from '../../shared/config/names.ts';
import { FAULT_KIND_NAMES, isFaultKind } from './faults/fault-kinds.ts';
import { MixError, readMix } from './mix.ts';
import type { FaultChoice, FaultLevel, SimulationOptions } from './simulate.ts';

const LEVELS: readonly FaultLevel[] = ['none', 'single', 'storm'];

/** What `npm run simulate` is asked to do: one run for each seed. */
export interface SimulateArguments {
  readonly run: Omit<SimulationOptions, 'seed' | 'alter' | 'alterStrategy' | 'classify' | 'faults'> & {
    readonly faults: FaultChoice;
    /** What was given as `--mix`. */
    readonly mixFile?: string;
  };
  readonly seeds: { readonly from: number; readonly to: number };
  readonly json: boolean;
  /** A line on standard error after each seed. */
  readonly progress: boolean;
}

interface RawOptions extends Omit<SimulationOptions, 'seed' | 'faults' | 'mix'> {
  readonly faults: FaultChoice;
  readonly mix?: string;
  readonly progress?: boolean;
  readonly seed?: number;
  readonly seeds?: { readonly from: number; readonly to: number };
  readonly json?: boolean;
}

/** Reads the arguments of `npm run simulate --` (without node and script). */
export function parseArguments(args: readonly string[]): CommandLine<SimulateArguments> {
  const command = describeCommand();
  return readCommandLine(command, args, () => {
    const options = command.opts<RawOptions>();
    const { seed = 1, seeds = { from: seed, to: seed }, json = false, progress = false, ...others } = options;
    const { mix: mixFile, ...run } = others;
    const mix = mixFile === undefined ? {} : { mixFile, mix: mixOf(mixFile) };
    return { run: { ...run, ...mix }, seeds, json, progress };
  });
}

function describeCommand(): Command {
  const choice = (flags: string, what: string, choices: readonly string[], standard: string) =>
    new Option(flags, what).choices(choices).default(standard);
  return new Command('npm run simulate --')
    .description('Runs Renova, or a naive refresher, in virtual time with faults, and says what came of it.')
    .addOption(new Option('--days <d>', 'simulated time').argParser(parseDays).default(1))
    .addOption(new Option('--credentials <n>', 'how many').argParser(parseCount).default(12))
    .addOption(
      new Option(
        '--mix <file>',
        'other populations, as JSON (docs/reliability.md), instead of --credentials',
      ).conflicts('credentials'),
    )
    .addOption(choice('--env <env>', 'environment, with its token lifetimes', ENVIRONMENTS, 'prd'))
    .addOption(new Option('--seed <s>', 'chance that can be repeated (default: 1)').argParser(parseSeed))
    .addOption(
      new Option('--seeds <a-b>', 'one run for each seed from A to B')
        .argParser(parseSeeds)
        .conflicts('seed'),
    )
    .addOption(choice('--strategy <name>', 'what refreshes', ['renova', 'naive'], 'renova'))
    .addOption(
      new Option(
        '--faults <what>',
        `what goes wrong: ${LEVELS.join(', ')}, or kinds by name, with commas: ${FAULT_KIND_NAMES.join(', ')}`,
      )
        .argParser(parseFaults)
        .default('storm'),
    )
    .option('--json', 'one JSON object a seed, one a line')
    .option('--progress', 'a line on standard error after each seed');
}

function parseFaults(text: string): FaultChoice {
  const level = LEVELS.find((each) => each === text);
  if (level) return level;
  const kinds = [...new Set(text.split(','))];
  if (kinds.every(isFaultKind)) return kinds;
  throw new InvalidArgumentError(
    `Expected ${LEVELS.join(', ')}, or kinds with commas: ${FAULT_KIND_NAMES.join(', ')}.`,
  );
}

function mixOf(file: string) {
  try {
    return readMix(file);
  } catch (error) {
    if (!(error instanceof MixError)) throw error;
    return refuse(`option '--mix <file>': ${error.message}`);
  }
}

function parseDays(text: string): number {
  const days = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && days > 0 && days <= 3650) return days;
  throw new InvalidArgumentError('Expected a number above 0, at most 3650.');
}

function parseCount(text: string): number {
  if (/^\d{1,4}$/.test(text) && Number(text) >= 1) return Number(text);
  throw new InvalidArgumentError('Expected a whole number from 1 to 9999.');
}

function parseSeed(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number from 0 to 999999999.');
}

function parseSeeds(text: string): { from: number; to: number } {
  const [, from, to] = /^(\d{1,9})-(\d{1,9})$/.exec(text) ?? [];
  if (from === undefined || to === undefined || Number(from) > Number(to)) {
    throw new InvalidArgumentError('Expected two whole numbers, the lower one first, such as 1-20.');
  }
  return { from: Number(from), to: Number(to) };
}
