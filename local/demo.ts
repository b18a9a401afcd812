import { profiles } from '../shared/provider/profiles.ts';
import type { InvocationResult } from './lambda/function-container.ts';
import type { StackOptions } from './options.ts';
import { TOKEN_PATH } from './sandboxes/serve-sandboxes.ts';

/** Id of the credential that the stack registers by itself. */
export const DEMO_CREDENTIAL = 'demo';

/** Its client at the sandbox. */
export const DEMO_CLIENT_ID = 'demo-client-id';

/** What became of the demo, as one line can say it. */
export type DemoOutcome =
  | { readonly result: 'registered' | 'kept' | 'moved' }
  | { readonly result: 'failed'; readonly reason: string };

export interface DemoParts {
  readonly providerUrl: string;
  /** What the demo sends in `User-Agent`. Absent: nothing of its own. */
  readonly userAgent: string | undefined;
  /** Invokes the admin function. */
  invokeAdmin(event: string): Promise<InvocationResult>;
}

/** Obviously no secrets: the sandbox takes any client that it has granted a refresh token to. */
const CLIENT = { client_id: DEMO_CLIENT_ID, client_secret: 'demo-client-secret' } as const;
const SCOPE = 'demo.charges.read demo.charges.write';

/** What a bank would have given: what the sandbox demands, or a fake where the provider demands one in this environment. */
export function demoUserAgent({ env, requireUserAgent }: Pick<StackOptions, 'env' | 'requireUserAgent'>) {
  return requireUserAgent ?? (profiles.get('bs2')?.userAgentRequired?.[env] && 'demo-code');
}

/**
 * Registers the credential `demo` as an operator would: a refresh token from the provider, and `register`.
 * One that is registered already (from the data folder) is left as it is, save that it follows the sandbox to
 * another port. Never rejects.
 */
export async function registerDemo({ providerUrl, userAgent, invokeAdmin }: DemoParts): Promise<DemoOutcome> {
  try {
    const tokenUrl = providerUrl + TOKEN_PATH;
    const kept = await findDemo(invokeAdmin);
    if (kept) return await follow(invokeAdmin, kept, tokenUrl);
    const refused = await administer(invokeAdmin, {
      action: 'register',
      credential: DEMO_CREDENTIAL,
      provider: 'bs2',
      token_url: tokenUrl,
      scope: SCOPE,
      client: CLIENT,
      ...(userAgent !== undefined && { user_agent: userAgent }),
      refresh_token: await obtainRefreshToken(providerUrl),
    });
    return refused === undefined ? { result: 'registered' } : { result: 'failed', reason: refused };
  } catch (error) {
    return { result: 'failed', reason: error instanceof Error ? error.name : 'error' };
  }
}

interface Registered {
  readonly credential: string;
  readonly token_url?: string;
}

async function findDemo(invokeAdmin: DemoParts['invokeAdmin']): Promise<Registered | undefined> {
  const { payload } = await invokeAdmin(JSON.stringify({ action: 'list' }));
  const { credentials = [] } = JSON.parse(payload) as { credentials?: readonly Registered[] };
  return credentials.find(({ credential }) => credential === DEMO_CREDENTIAL);
}

/** Another port of a sandbox was this one's before a restart; any other URL was somebody's own choice. */
async function follow(
  invokeAdmin: DemoParts['invokeAdmin'],
  { token_url: before }: Registered,
  tokenUrl: string,
): Promise<DemoOutcome> {
  if (before === tokenUrl || !SANDBOX_URL.test(before ?? '')) return { result: 'kept' };
  const request = { action: 'update', credential: DEMO_CREDENTIAL, token_url: tokenUrl };
  const refused = await administer(invokeAdmin, request);
  return refused === undefined ? { result: 'moved' } : { result: 'failed', reason: refused };
}

const SANDBOX_URL = new RegExp(`^http://127\\.0\\.0\\.1:\\d+${TOKEN_PATH}$`);

/** The code of what the admin function refused, or undefined when it did what it was asked. */
async function administer(
  invokeAdmin: DemoParts['invokeAdmin'],
  request: object,
): Promise<string | undefined> {
  const { payload, failed } = await invokeAdmin(JSON.stringify(request));
  const answer = JSON.parse(payload) as { errorType?: string; error?: { code?: string } };
  if (failed) return answer.errorType ?? 'error';
  return answer.error === undefined ? undefined : (answer.error.code ?? 'error');
}

async function obtainRefreshToken(providerUrl: string): Promise<string> {
  const response = await fetch(`${providerUrl}/_sandbox/refresh-tokens`, {
    method: 'POST',
    body: JSON.stringify({ ...CLIENT, scope: SCOPE }),
  });
  const { refresh_token } = (await response.json()) as { refresh_token: string };
  return refresh_token;
}
