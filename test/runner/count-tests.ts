/** What a process of tests came to. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  /** How many were skipped for which reason. */
  readonly skipped: Readonly<Record<string, number>>;
  /** What the tests had to say: seeds, how often what was hit. */
  readonly diagnostics: readonly string[];
}

/** Reporter for node:test: {@link TestCounts} as JSON, once all is over. Suites are no tests. */
export default async function* countTests(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  let passed = 0;
  let failed = 0;
  const skipped: Record<string, number> = {};
  const diagnostics: string[] = [];
  for await (const { type, data } of events) {
    if (type === 'test:diagnostic' && !OWN_SUMMARY.test(data.message ?? ''))
      diagnostics.push(data.message ?? '');
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (data.skip) {
      const reason = typeof data.skip === 'string' ? data.skip : 'no reason is given';
      skipped[reason] = (skipped[reason] ?? 0) + 1;
    } else if (type === 'test:fail') {
      if (data.details?.error?.failureType !== 'subtestsFailed') failed += 1;
    } else if (data.details?.type !== 'suite') passed += 1;
  }
  yield JSON.stringify({ passed, failed, skipped, diagnostics } satisfies TestCounts);
}

/** What is read of the events of node:test. */
interface TestEvent {
  readonly type: string;
  readonly data: {
    readonly message?: string;
    readonly skip?: string | boolean;
    readonly details?: {
      readonly type?: string;
      readonly error?: { readonly failureType?: string };
    };
  };
}

/** node:test ends with its own counts, as diagnostics. */
const OWN_SUMMARY = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/;
