import { spawn } from 'node:child_process';
import { Argument, type Command } from 'commander';
import type * as oauth from 'oauth4webapi';
import { isLoopback } from '../../shared/config/loopback.ts';
import { profiles, USUAL_PROVIDER } from '../../shared/provider/profiles.ts';
import { ask, askAdmin } from '../ask.ts';
import type { Bind, CommandContext, JsonObject } from '../context.ts';
import { CommandFailure, UsageError } from '../errors.ts';
import { outcome } from '../format/outcome.ts';
import {
  type Authorization,
  beginAuthorization,
  discover,
  type Redirected,
  readRedirect,
} from '../login/authorization.ts';
import { type LoopbackRedirect, listenForRedirect } from '../login/loopback.ts';
import { parsedUrl } from '../login/parsed-url.ts';
import { credentialId, oneOf, wholeNumber } from '../option-values.ts';
import { questionsToRegister } from '../secrets/questions.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { onWire, secretsFor, secretsOption } from '../secrets/secrets-input.ts';
import { addSettingsOptions, type SettingsOptions, settingsOnWire } from '../settings-options.ts';
import { rejectFailedSteps } from './register.ts';

interface LoginOptions extends SettingsOptions {
  readonly provider: string;
  readonly reseed?: boolean;
  readonly paste?: boolean;
  readonly authorizeUrl?: string;
  readonly issuer?: string;
  readonly redirectUri?: string;
  readonly port?: number;
  readonly wait: number;
  readonly secrets?: string;
}

/** Adds `login <id>`. */
export function addLoginCommand(program: Command, bind: Bind): void {
  const command = program
    .command('login')
    .description(
      'log in at the provider in a browser, and register the credential or begin a new chain of it',
    )
    .addArgument(new Argument('<id>', 'what to call it, or which one with --reseed').argParser(credentialId))
    .option('--reseed', 'begin a new chain of a credential that is registered')
    .option('--paste', 'on a machine without a browser: paste the address that the browser ends at')
    .option(
      '--authorize-url <url>',
      "the provider's authorization endpoint, where the profile does not know it",
    )
    .option('--issuer <url>', 'ask the server itself where its endpoints are (RFC 8414)')
    .option('--redirect-uri <url>', 'with --paste: the address that is registered at the provider')
    .addOption(
      wholeNumber('--port <port>', 'port of the redirect, if the provider wants a fixed one', {
        most: 65_535,
      }),
    )
    .addOption(wholeNumber('--wait <seconds>', 'how long to wait for the browser').default(600))
    .addOption(oneOf('--provider <name>', 'whose token it is', [...profiles.keys()]).default(USUAL_PROVIDER));
  addSettingsOptions(command)
    .addOption(secretsOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ npx renova login books --provider quickbooks --env prd\n  $ npx renova login books --reseed --env prd\n' +
        '\nSecrets as JSON: {"client": {"client_id": "…", "client_secret": "…"}}',
    )
    .action(bind(login));
}

/**
 * Sends a person's browser to the provider and gives the code that comes back to the refresh function, which exchanges
 * it: this program never sees a token. Nothing is written before that.
 */
async function login(context: CommandContext, id: string, options: LoginOptions): Promise<void> {
  if (options.redirectUri !== undefined && !options.paste) {
    throw new UsageError('--redirect-uri goes with --paste');
  }
  const app = options.app || undefined;
  const start = await ask({ ...context, json: false }, 'admin', {
    action: 'login-start',
    ...(options.reseed ? { credential: id } : { provider: options.provider, ...(app && { app }) }),
  });
  const secrets = await clientOf(context, options);
  const clientId = secrets.client_id?.reveal() ?? text(start.client_id);
  if (clientId === undefined) throw new UsageError('there is no client id: give the client, or --app');
  const server = await serverOf(context, options, text(start.authorize_url));
  const isMetadata = server.token_endpoint !== undefined && options.tokenUrl === undefined;
  const redirect = options.paste ? undefined : await listenForRedirect(options.port);
  try {
    const authorization = await beginAuthorization({
      server,
      authorizeUrl: server.authorization_endpoint ?? '',
      clientId,
      redirectUri: redirect?.redirectUri ?? options.redirectUri ?? 'http://127.0.0.1/callback',
      scope: options.scope ?? text(start.scope),
      parameters: (start.parameters ?? {}) as Readonly<Record<string, string>>,
    });
    const back = await askThePerson(context, authorization, redirect, options);
    const code = {
      code: back.code,
      redirect_uri: authorization.redirectUri,
      code_verifier: authorization.codeVerifier,
    };
    const fields = fieldsOf(back, start.redirect_fields);
    const request = options.reseed
      ? { action: 'reseed', credential: id, code, ...fields }
      : {
          action: 'register',
          credential: id,
          provider: options.provider,
          ...(isMetadata && { token_url: server.token_endpoint }),
          ...settingsOnWire(options),
          ...onWire(secrets),
          code,
          ...fields,
        };
    const done = options.reseed ? 'has a new chain' : 'is registered';
    const answer = await askAdmin(context, request, (shown) => outcome(context, shown, done));
    rejectFailedSteps(context, answer, id);
  } finally {
    redirect?.close();
  }
}

/** The client of a new credential; one that exists, and an app, have theirs. */
async function clientOf(context: CommandContext, options: LoginOptions): Promise<Secrets> {
  if (options.reseed || options.app) return {};
  const questions = questionsToRegister(options).filter(({ member }) => member.startsWith('client_'));
  const secrets = await secretsFor(context, options.secrets, () => questions);
  if (secrets.refresh_token || secrets.access_token) {
    throw new UsageError('a login brings the tokens: leave refresh_token and access_token out');
  }
  return secrets;
}

async function serverOf(
  { target }: CommandContext,
  { issuer, authorizeUrl, provider }: LoginOptions,
  known: string | undefined,
): Promise<oauth.AuthorizationServer> {
  const isLocal = target.localEndpoint !== undefined;
  if (issuer !== undefined) {
    const server = await discover(checkedUrl(issuer, '--issuer', isLocal).href, true);
    if (server.authorization_endpoint === undefined) {
      throw new CommandFailure('no-metadata', 'the metadata of the server names no authorization endpoint');
    }
    return server;
  }
  const url = authorizeUrl ?? known;
  if (url === undefined) {
    throw new UsageError(`where users of ${provider} log in is not known: give --authorize-url, or --issuer`);
  }
  const { href, origin } = checkedUrl(url, '--authorize-url', isLocal);
  return { issuer: origin, authorization_endpoint: href };
}

/** A person's login goes to https, or to this machine. Throws a {@link UsageError}. */
function checkedUrl(given: string, option: string, _isLocal: boolean): URL {
  const url = parsedUrl(given);
  const isSound = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  if (url && isSound && url.username === '' && url.hash === '') return url;
  throw new UsageError(`${option} takes an https URL (http only to this machine)`);
}

async function askThePerson(
  context: CommandContext,
  authorization: Authorization,
  redirect: LoopbackRedirect | undefined,
  { wait }: LoginOptions,
): Promise<Redirected> {
  const { stderr, prompts, clock, browse } = context;
  const { href } = authorization.url;
  stderr.write(`Log in at the provider in a browser:\n\n  ${href}\n\n`);
  if (redirect) {
    browse(href);
    return readRedirect(authorization, await redirect.wait(clock, wait * 1000));
  }
  const pasted = parsedUrl((await prompts.hidden('Address that the browser ended at:')).trim());
  if (pasted) return readRedirect(authorization, pasted);
  throw new UsageError('that is no address: copy the whole line of the browser, from http on');
}

/** Members of the redirect that API calls need. */
function fieldsOf({ members }: Redirected, wanted: unknown): JsonObject {
  const names = Array.isArray(wanted) ? wanted.filter((name) => typeof name === 'string') : [];
  const chosen = names.flatMap((name) => (members[name] === undefined ? [] : [[name, members[name]]]));
  return chosen.length === 0 ? {} : { login_fields: Object.fromEntries(chosen) };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Opens a page in the browser of whoever runs the program, where there is one; the address is printed anyway. */
export function openBrowser(href: string): void {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', href]
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', href]
        : ['xdg-open', href];
  if (command === undefined) return;
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
