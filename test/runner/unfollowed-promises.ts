import { createRequire } from 'node:module';

/**
 * To be imported before node:test (`--import`). Node's test runner follows every promise with an async hook, to tell
 * to which test an error belongs that nobody has caught; that takes two thirds of the CPU time of tests in virtual
 * time. Without it such an error fails the process as a whole (`runJob`), with its message. Suites and tests nest as
 * ever, unless they are made after an `await`.
 */
const hooks: { createHook: CreateHook } = createRequire(import.meta.url)('node:async_hooks');
type CreateHook = (callbacks: object) => object;

const { createHook } = hooks;

hooks.createHook = (callbacks) =>
  createHook(
    new Error().stack?.includes('node:internal/test_runner/')
      ? { ...callbacks, trackPromises: false }
      : callbacks,
  );
