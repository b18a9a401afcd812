/** Test files that are run in the same manner. */
export interface Tier {
  /** `npm test -- <name>` runs this tier alone. */
  readonly name: string;
  readonly proves: string;
  /** Patterns under `test/`. A file that two tiers match belongs to the first. */
  readonly files: readonly string[];
  /**
   * All files in so many processes, one after the other, which saves most of their CPU time. They leave the process
   * as they found it, have no hooks outside of a `describe`, which would be hooks of every file, and await nothing at
   * their top level, because tests of others would have begun.
   */
  readonly sharedProcesses?: number;
  /** Most of its files start the local stack or commands as a process. */
  readonly startsPrograms?: true;
  /** The files that wait for most of their time: patterns too. One of them is run beside those that compute. */
  readonly waits?: readonly string[];
  /** The files that do more in `npm run prove` (`amount.ts`): patterns too. */
  readonly more?: readonly string[];
}

/** Files (patterns) that take half a minute and more, or the first of those that share a process, in this order. */
export const LONGEST_FIRST: readonly string[] = [
  'unit/**/*.test.ts',
  'contract/**/*.test.ts',
  'cli/**/*.test.ts',
  'e2e/{told-by-the-commands,pages}.test.ts',
  'packages/cdk-package.test.ts',
  'infra/alarms.test.ts',
  'integration/{stack-life,second-region,kill}.test.ts',
  'console/page.test.ts',
  'providers/{login-browser,local-stack,bad-manners/no-chain-lost,production-gate}.test.ts',
  'reading/load.test.ts',
  'local/**/*.test.ts',
  'infra/bundles-*.test.ts',
  'crash/kill-steps.test.ts',
];

/** What `npm test` tells of, in this order. */
export const TIERS: readonly Tier[] = [
  {
    name: 'moto',
    proves: 'the adapters, templates and bundles on an AWS emulator that others wrote (Python with moto)',
    files: ['contract/moto.test.ts', 'infra/moto-*.test.ts', 'infra/bundles-on-moto.test.ts'],
    sharedProcesses: 1,
    more: ['infra/bundles-on-moto.test.ts'],
  },
  {
    name: 'stores',
    proves: 'one contract for the adapters of AWS, on the emulators of the local stack',
    files: ['contract/{dynamodb,secrets-manager,parameter-store}*.test.ts'],
  },
  {
    name: 'fast',
    proves: 'the domain in virtual time and memory, one contract for all adapters of a port, the commands',
    files: ['unit/**/*.test.ts', 'contract/**/*.test.ts', 'cli/**/*.test.ts'],
    sharedProcesses: 2,
    more: [
      'cli/apply.test.ts',
      'unit/admin/damaged-records.test.ts',
      'unit/refresh/{damaged-records,hostile-records,neighbours}.test.ts',
      'unit/token-endpoint/token-response.fuzz.test.ts',
    ],
  },
  {
    name: 'integration',
    proves: 'the running stack: kills, racing refreshers, outside clients',
    startsPrograms: true,
    files: [
      'integration/stack-life.test.ts',
      'integration/kill.test.ts',
      'integration/two-refreshers.test.ts',
      'integration/**/*.test.ts',
    ],
    more: [
      'integration/{stack-life,kill,two-refreshers,many-credentials,second-region,registrations-at-once}.test.ts',
    ],
    waits: ['integration/{full-disk,kill,lost-index-entry,lost-region,registrations-at-once}.test.ts'],
  },
  {
    name: 'crash',
    proves: 'a crash, error, hang or freeze at every call of the protocol',
    startsPrograms: true,
    files: ['crash/wire-table.test.ts', 'crash/kill-steps.test.ts', 'crash/**/*.test.ts'],
    more: ['crash/{wire-table,kill-steps,crash-table}.test.ts'],
    waits: ['crash/wire-table.test.ts'],
  },
  {
    name: 'e2e',
    proves: 'what people do with commands and HTTP alone',
    startsPrograms: true,
    files: ['e2e/told-by-the-commands.test.ts', 'e2e/**/*.test.ts'],
    waits: ['e2e/told-by-the-commands.test.ts'],
  },
  {
    name: 'console',
    proves: 'the console in a real browser: what it shows, does and refuses, and that everybody can use it',
    files: ['console/**/*.test.ts'],
    more: ['console/page.test.ts'],
    waits: ['console/page.test.ts'],
  },
  {
    name: 'packages',
    proves: 'what is installed: the packages, packed and used',
    files: ['packages/**/*.test.ts'],
    more: ['packages/cdk-package.test.ts'],
  },
  {
    name: 'bundles',
    proves: 'the bundles of the functions, as they are uploaded',
    files: ['infra/bundles-*.test.ts', 'reading/read-bundle.test.ts'],
  },
  {
    name: 'reading',
    proves: 'what readers get, from both doors, and the packed clients',
    startsPrograms: true,
    files: ['reading/load.test.ts', 'reading/**/*.test.ts'],
    more: ['reading/load.test.ts'],
  },
  {
    name: 'simulation',
    proves: 'days of load and faults in virtual time, and mutants that the simulation convicts',
    files: ['simulation/**/*.test.ts'],
    more: [
      'simulation/{seeds,mutants,whole-outages,admission,fresh-beside-on-demand,on-demand,beyond-capacity,short-tokens}.test.ts',
    ],
  },
  {
    name: 'exploration',
    proves: 'every order of steps in worlds small enough to go through all of them',
    files: ['exploration/**/*.test.ts'],
    more: ['exploration/worlds.test.ts'],
  },
  {
    name: 'property',
    proves: 'invariants over interleavings that are drawn',
    files: ['property/**/*.test.ts'],
    more: ['property/**/*.test.ts'],
  },
  {
    name: 'infra',
    proves: 'the templates and their permissions',
    files: ['infra/**/*.test.ts'],
    sharedProcesses: 1,
    more: ['infra/{checks,platform}.test.ts'],
  },
  {
    name: 'providers',
    proves: "the providers' documents, and real OAuth servers",
    startsPrograms: true,
    files: ['providers/local-stack.test.ts', 'providers/**/*.test.ts'],
    more: ['providers/{local-stack,profile-days,profile-weeks,profile-years}.test.ts'],
    waits: ['providers/{local-stack,production-gate,bad-manners/no-chain-lost}.test.ts'],
  },
  {
    name: 'local',
    proves: 'the local stack and its sandboxes',
    startsPrograms: true,
    files: ['local/**/*.test.ts'],
    sharedProcesses: 1,
  },
];
