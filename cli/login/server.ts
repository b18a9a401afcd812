import type * as oauth from 'oauth4webapi';
import { isLoopback } from '../../shared/config/loopback.ts';
import { CommandFailure, UsageError } from '../errors.ts';
import { discover } from './authorization.ts';
import { parsedUrl } from './parsed-url.ts';

/** Where persons log in, as the command line says it. */
export interface ServerOptions {
  readonly provider: string;
  readonly issuer?: string;
  readonly authorizeUrl?: string;
  readonly deviceUrl?: string;
}

/** The server whose users log in, by its metadata or as the profile and the person know it. Rejects with a {@link CommandFailure}. */
export async function serverOf(
  { issuer, authorizeUrl, provider }: ServerOptions,
  known: string | undefined,
): Promise<oauth.AuthorizationServer> {
  if (issuer !== undefined) {
    const server = await discover(checkedUrl(issuer, '--issuer').href, true);
    if (server.authorization_endpoint === undefined) {
      throw new CommandFailure('no-metadata', 'the metadata of the server names no authorization endpoint');
    }
    return server;
  }
  const url = authorizeUrl ?? known;
  if (url === undefined) {
    throw new UsageError(`where users of ${provider} log in is not known: give --authorize-url, or --issuer`);
  }
  if (/[{}]/.test(url)) {
    throw new UsageError(`for ${provider} give --authorize-url: it is ${url} with your own values in it`);
  }
  const { href, origin } = checkedUrl(url, '--authorize-url');
  return { issuer: origin, authorization_endpoint: href };
}

/** Where devices ask, as the metadata or the person says it; undefined: the profile may know. Rejects with a {@link CommandFailure}. */
export async function deviceServerOf({ issuer, deviceUrl }: ServerOptions): Promise<{
  readonly deviceUrl?: string;
  readonly tokenUrl?: string;
}> {
  if (issuer === undefined) {
    return deviceUrl === undefined ? {} : { deviceUrl: checkedUrl(deviceUrl, '--device-url').href };
  }
  const server = await discover(checkedUrl(issuer, '--issuer').href, true);
  const { device_authorization_endpoint: found, token_endpoint: tokenUrl } = server;
  if (found === undefined) {
    throw new CommandFailure(
      'no-metadata',
      'the metadata of the server names no device authorization endpoint',
    );
  }
  return { deviceUrl: found, tokenUrl };
}

/** A person's login goes to https, or to this machine. Throws a {@link UsageError}. */
function checkedUrl(given: string, option: string): URL {
  const url = parsedUrl(given);
  const isSound = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  if (url && isSound && url.username === '' && url.hash === '') return url;
  throw new UsageError(`${option} takes an https URL (http only to this machine)`);
}
