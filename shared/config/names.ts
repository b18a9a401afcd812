/** The environments a stack exists for; they differ in settings, never in code. */
export const ENVIRONMENTS = ['hml', 'prd'] as const;
export type EnvironmentName = (typeof ENVIRONMENTS)[number];

/** What a credential may be called: it becomes part of secret names, IAM resources and URL paths. */
export const CREDENTIAL_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** The alias of the refresh function that the read function invokes: it takes refreshes, and nothing else. */
export const READERS_ALIAS = 'readers';

/** Every public name of one environment (the tables, functions and secrets that others may rely on). */
export function names(env: EnvironmentName) {
  return {
    credentialsTable: `renova-${env}-credentials`,
    quotaTable: `renova-${env}-quota`,
    refreshFunction: `renova-${env}-refresh`,
    readFunction: `renova-${env}-read`,
    adminFunction: `renova-${env}-admin`,
    secretPrefix: `renova/${env}`,
  };
}

/** Names of the secrets under one prefix (`renova/<env>`). */
export function secretNames(prefix: string) {
  return {
    client: (credential: string) => `${prefix}/${credential}/client`,
    /** The client that is kept once for many credentials. No credential is called `app`. */
    app: (app: string) => `${prefix}/app/${app}`,
    rescue: (credential: string) => `${prefix}/${credential}/rescue`,
    lane: (credential: string, lane: number) => `${prefix}/${credential}/token/${lane}`,
    /** The one parameter that holds the same value as the lanes. */
    parameter: (credential: string) => `/${prefix}/${credential}/token`,
    accessRing: `${prefix}/seal/access`,
    refreshRing: `${prefix}/seal/refresh`,
  };
}

export type SecretNames = ReturnType<typeof secretNames>;

/** Source of every event on the default bus. */
export const EVENT_SOURCE = 'renova';
