import { createRequire } from 'node:module';

/**
 * To be imported before node:test (`--import`). Node's test runner follows every promise with an async hook, to tell
 * to which test an error belongs that nobody has caught; that takes two thirds of the CPU time of tests in virtual
 * time. Without it such an error fails the process as a whole (`runJob`), with its message.
 */
const hooks: { createHook: CreateHook } = createRequire(import.meta.url)('node:async_hooks');
type CreateHook = (callbacks: object) => { readonly enable: () => unknown; readonly disable: () => unknown };

const { createHook } = hooks;
const NO_HOOK = { enable: () => NO_HOOK, disable: () => NO_HOOK };

hooks.createHook = (callbacks) =>
  new Error().stack?.includes('node:internal/test_runner/') ? NO_HOOK : createHook(callbacks);
