/** The version of everything that is built from these sources; that of package.json, which the tests compare. */
export const VERSION = '0.1.0';
