import pc from 'picocolors';
import { type EnvironmentName, names, secretNames } from '../../shared/config/names.ts';
import type { ProviderProfile } from '../../shared/provider/profile.ts';
import { DEMO_CLIENT_ID, DEMO_CREDENTIAL } from '../demo.ts';
import { LOCAL_CREDENTIALS, LOCAL_REGION } from '../lambda/functions.ts';
import { BSN_PREFIX } from '../sandboxes/bsn/bsn-provider.ts';
import { TOKEN_PATH } from '../sandboxes/profile/profile-rules.ts';

export interface IntroductionFacts {
  readonly env: EnvironmentName;
  readonly scale: number;
  readonly awsUrl?: string;
  readonly apiUrl?: string;
  readonly providerUrl?: string;
  readonly data?: string;
  /** Whom the sandbox plays, if it is not BS2. */
  readonly profile?: ProviderProfile;
  /** A credential that can be asked for, and the lane of the slot now. */
  readonly example?: { readonly credential: string; readonly lane: number };
}

/** What runs where, and commands to try, as the stack prints them once it is ready. */
export function introduction(facts: IntroductionFacts): string {
  const { env, scale, awsUrl, apiUrl, providerUrl, data } = facts;
  const addresses: [string, string | undefined][] = [
    ['AWS endpoint', awsUrl],
    ['read API', apiUrl],
    ['provider sandbox', providerUrl],
    ['console', apiUrl && `${apiUrl}/`],
  ];
  const pace = scale === 1 ? '' : `, time passes ${scale} times as fast`;
  return [
    `${pc.bold('Renova')} ${env} is ready${pace}; state ${data === undefined ? 'in memory' : `in ${data}`}`,
    ...addresses.flatMap(([what, url]) => (url ? [`  ${what.padEnd(17)} ${url}`] : [])),
    '',
    'Try:',
    ...commands(facts).map((command) => `  ${command}`),
    '',
  ].join('\n');
}

function commands(facts: IntroductionFacts): string[] {
  const { env, awsUrl, apiUrl, providerUrl, example } = facts;
  const sandbox = providerUrl ? [`curl ${providerUrl}/_sandbox/stats`] : [];
  if (!awsUrl || !apiUrl) return sandbox;
  const status = `npx renova status ${localFlags(env, awsUrl)}`;
  if (!example) {
    const flags = localFlags(env, awsUrl);
    const place = providerUrl && { env, providerUrl, flags };
    const first = facts.profile && place ? firstCredential(facts.profile, place) : [];
    return [`curl ${apiUrl}/healthz`, ...first, status, ...sandbox];
  }
  const another = providerUrl && example.credential === DEMO_CREDENTIAL ? [newRefreshToken(providerUrl)] : [];
  return [...exampleCommands(facts, awsUrl, apiUrl, example), ...sandbox, ...another];
}

/** An app at the provider that is played, and a credential of it: a person logs in, or the app does by itself. */
function firstCredential(profile: ProviderProfile, { env, providerUrl, flags }: Place): string[] {
  const { provider, clientAuth, scopeRequired, extraRequired = {}, tokenUrl } = profile;
  // Its sandbox would have to know a key that only its owner can make.
  if (clientAuth === 'private_key_jwt') return [];
  const { sandbox = '', route, command, knows, options = [] } = howToBegin(profile);
  const settings = [
    `--provider ${provider}`,
    ...(tokenUrl?.[env] === undefined
      ? [`--token-url ${providerUrl}${sandbox ? `${sandbox}/token` : TOKEN_PATH}`]
      : []),
    ...options,
    ...(scopeRequired ? [`--scope ${SCOPE}`] : []),
    ...Object.keys(extraRequired).map((name) => `--extra ${name}=fake-${name}`),
  ].join(' ');
  return [
    `curl ${providerUrl}${sandbox}/_sandbox/${route} -d '${JSON.stringify(knows)}'  # an app of yours there`,
    `npx renova ${command} mine ${settings} ${flags}  # asks for what the line above says`,
  ];
}

interface Place {
  readonly env: EnvironmentName;
  readonly providerUrl: string;
  readonly flags: string;
}

interface Beginning {
  /** Where the sandbox lies, if it is not the one that plays a profile. */
  readonly sandbox?: string;
  readonly route: string;
  readonly command: 'login' | 'register';
  /** What the sandbox is told. */
  readonly knows: object;
  readonly options?: readonly string[];
}

function howToBegin({ grants, login, networkUrl, namesNetworks }: ProviderProfile): Beginning {
  if (networkUrl !== undefined) {
    const options = [`--network ${NETWORK}`];
    return {
      sandbox: '/bsncloud',
      route: 'clients',
      command: 'register',
      knows: { ...APP, networks: [NETWORK] },
      options,
    };
  }
  if (namesNetworks) {
    const options = [`--network ${NETWORK}`];
    return {
      sandbox: BSN_PREFIX,
      route: 'users',
      command: 'register',
      knows: { ...USER, networks: [NETWORK] },
      options,
    };
  }
  if (login?.authorizeUrl && grants.includes('refresh_token')) {
    return { route: 'clients', command: 'login', knows: APP };
  }
  if (grants[0] === 'refresh_token') return { route: 'refresh-tokens', command: 'register', knows: APP };
  return {
    route: 'logins',
    command: 'register',
    knows: grants[0] === 'password' ? { ...APP, ...USER } : APP,
  };
}

const SCOPE = 'fake.read';
const APP = { client_id: 'fake-app', client_secret: 'fake-app-secret', scope: SCOPE };
const USER = { username: 'fake-user', password: 'fake-password' };
const NETWORK = 'fake-network';

/** As the demo's person gets one in BS2 Empresas, for `renova reseed demo` after something was broken. */
function newRefreshToken(providerUrl: string): string {
  return `curl ${providerUrl}/_sandbox/refresh-tokens -d '{"client_id":"${DEMO_CLIENT_ID}"}'  # for: renova reseed`;
}

function exampleCommands(
  { env }: IntroductionFacts,
  awsUrl: string,
  apiUrl: string,
  { credential, lane }: { credential: string; lane: number },
): string[] {
  const { secretPrefix, readFunction } = names(env);
  const secret = secretNames(secretPrefix).lane(credential, lane);
  const aws = `aws --endpoint-url ${awsUrl}`;
  return [
    `curl ${apiUrl}/tokens/${credential}`,
    `${AWS_VARIABLES}  # if you have none; any will do`,
    `${aws} secretsmanager get-secret-value --secret-id ${secret}`,
    // As bytes from a pipe, because versions 1 and 2 of the AWS CLI read a payload on the command line differently.
    `echo '{"credential":"${credential}"}' | ${aws} lambda invoke --function-name ${readFunction} ` +
      '--payload fileb:///dev/stdin /dev/stdout',
    `npx renova status ${credential} ${localFlags(env, awsUrl)}`,
  ];
}

/** SDKs read `AWS_REGION`, the AWS CLI `AWS_DEFAULT_REGION`; all want keys. The endpoint takes any. */
const AWS_VARIABLES =
  `export AWS_REGION=${LOCAL_REGION} AWS_DEFAULT_REGION=${LOCAL_REGION} ` +
  `AWS_ACCESS_KEY_ID=${LOCAL_CREDENTIALS.accessKeyId} ` +
  `AWS_SECRET_ACCESS_KEY=${LOCAL_CREDENTIALS.secretAccessKey}`;

/** How the operator's commands find this stack; what is the default is left out. */
function localFlags(env: EnvironmentName, awsUrl: string): string {
  const { port } = new URL(awsUrl);
  return [
    '--local',
    ...(port === '4700' ? [] : [`--local-port ${port}`]),
    ...(env === 'prd' ? [] : [`--env ${env}`]),
  ].join(' ');
}
