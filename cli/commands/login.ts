import { spawn } from 'node:child_process';
import { Argument, type Command } from 'commander';
import { profiles, USUAL_PROVIDER } from '../../shared/provider/profiles.ts';
import { ask, checkFirst } from '../ask.ts';
import type { Bind, CommandContext, JsonObject } from '../context.ts';
import { UsageError } from '../errors.ts';
import { outcome } from '../format/outcome.ts';
import {
  type Authorization,
  beginAuthorization,
  type Redirected,
  readRedirect,
} from '../login/authorization.ts';
import { type DeviceCodes, showCodes, untilDecided } from '../login/device.ts';
import { type LoopbackRedirect, listenForRedirect } from '../login/loopback.ts';
import { parsedUrl } from '../login/parsed-url.ts';
import { deviceServerOf, type ServerOptions, serverOf } from '../login/server.ts';
import { credentialId, oneOf, wholeNumber } from '../option-values.ts';
import { assertTypable, questionsToRegister } from '../secrets/questions.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { onWire, secretsFor, secretsOption } from '../secrets/secrets-input.ts';
import { addSettingsOptions, type SettingsOptions, settingsOnWire } from '../settings-options.ts';
import { rejectFailedSteps } from './register.ts';

interface LoginOptions extends SettingsOptions, ServerOptions {
  readonly reseed?: boolean;
  readonly paste?: boolean;
  readonly device?: boolean;
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
    .option('--device', 'on a machine without a browser: enter a code in the browser of another (RFC 8628)')
    .option(
      '--authorize-url <url>',
      "the provider's authorization endpoint, where the profile does not know it",
    )
    .option('--device-url <url>', 'with --device: where devices ask, where the profile does not know it')
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
 * Has a person log in at the provider, and gives what that brings to the refresh function, which exchanges it: this
 * program never sees a token. Everything that can be known is checked before anybody is asked for anything, and nothing
 * is written before the exchange.
 */
async function login(context: CommandContext, id: string, options: LoginOptions): Promise<void> {
  assertTogether(options);
  if (options.paste && !context.stdin.isTTY) {
    throw new UsageError('there is no terminal to paste the address into: see --device');
  }
  const done = options.reseed ? 'has a new chain' : 'is registered';
  const answer = await (options.device
    ? deviceLogin(context, id, options)
    : browserLogin(context, id, options));
  context.stdout.write(context.json ? `${JSON.stringify(answer)}\n` : outcome(context, answer, done));
  rejectFailedSteps(context, answer, id);
}

function assertTogether(options: LoginOptions): void {
  const { redirectUri, paste, device, port, authorizeUrl, deviceUrl, scope: _scope, ...others } = options;
  if (options.reseed && Object.keys(settingsOnWire(others)).length > 0) {
    throw new UsageError('--reseed keeps the settings: change them with renova update');
  }
  if (redirectUri !== undefined && !paste) throw new UsageError('--redirect-uri goes with --paste');
  if (port !== undefined && paste) throw new UsageError('--port and --paste: choose one of them');
  if (deviceUrl !== undefined && !device) throw new UsageError('--device-url goes with --device');
  if (!device) return;
  if (paste) throw new UsageError('--device and --paste: choose one of them');
  if (port !== undefined || authorizeUrl !== undefined) {
    throw new UsageError('--device needs neither --port nor --authorize-url; leave them out');
  }
}

async function browserLogin(context: CommandContext, id: string, options: LoginOptions): Promise<JsonObject> {
  const quiet = { ...context, json: false };
  const start = await ask(quiet, 'admin', {
    action: 'login-start',
    ...(options.reseed
      ? { credential: id }
      : { provider: options.provider, ...(options.app && { app: options.app }) }),
  });
  const server = await serverOf(options, text(start.authorize_url));
  const request = requestOf(id, options, server.token_endpoint);
  await checkFirst(context, request);
  const redirect = options.paste ? undefined : await listenForRedirect(options.port);
  try {
    const secrets = await clientOf(context, options);
    const clientId = secrets.client_id?.reveal() ?? text(start.client_id);
    if (clientId === undefined) throw new UsageError('there is no client id: give the client, or --app');
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
    return await ask(quiet, 'admin', {
      ...request,
      ...onWire(secrets),
      code,
      ...fieldsOf(back, start.redirect_fields),
    });
  } finally {
    redirect?.close();
  }
}

async function deviceLogin(context: CommandContext, id: string, options: LoginOptions): Promise<JsonObject> {
  const { deviceUrl, tokenUrl } = await deviceServerOf(options);
  const request = requestOf(id, options, tokenUrl);
  await checkFirst(context, request);
  const secrets = onWire(await clientOf(context, options));
  const begin = {
    ...(options.reseed ? { credential: id, reseed: true } : { ...request, ...secrets }),
    action: 'login-device',
    ...(deviceUrl !== undefined && { device_url: deviceUrl }),
  };
  const codes = (await ask({ ...context, json: false }, 'admin', begin)) as unknown as DeviceCodes;
  showCodes(context, codes);
  return untilDecided(context, codes, { ...request, ...secrets, code: { device_code: codes.device_code } });
}

/** The request that the login is for, without what is secret in it. */
function requestOf(
  id: string,
  options: LoginOptions,
  tokenUrl: string | undefined,
): JsonObject & { readonly action: string } {
  if (options.reseed) return { action: 'reseed', credential: id };
  return {
    action: 'register',
    credential: id,
    provider: options.provider,
    grant: 'refresh_token',
    ...(tokenUrl !== undefined && { token_url: tokenUrl }),
    ...settingsOnWire(options),
  };
}

/** The client of a new credential; one that exists, and an app, have theirs. */
async function clientOf(context: CommandContext, options: LoginOptions): Promise<Secrets> {
  if (options.reseed || options.app) return {};
  const login = { ...options, grant: 'refresh_token' } as const;
  const questions = () => {
    assertTypable(login, context.target);
    return questionsToRegister(login).filter(({ member }) => member.startsWith('client_'));
  };
  const secrets = await secretsFor(context, options.secrets, questions, 'client');
  if (secrets.refresh_token || secrets.access_token) {
    throw new UsageError('a login brings the tokens: leave refresh_token and access_token out');
  }
  return secrets;
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
