import type { InvocationResult } from './function-container.ts';
import { TOKEN_PATH } from './local-provider.ts';

/** Id of the credential that the stack registers by itself. */
export const DEMO_CREDENTIAL = 'demo';

/** What became of the demo, as one line can say it. */
export type DemoOutcome =
  | { readonly result: 'registered' | 'kept' }
  | { readonly result: 'failed'; readonly reason: string };

export interface DemoParts {
  readonly providerUrl: string;
  /** Invokes the admin function. */
  invokeAdmin(event: string): Promise<InvocationResult>;
}

/** Obviously no secrets: the sandbox takes any client that it has granted a refresh token to. */
const CLIENT = { client_id: 'demo-client-id', client_secret: 'demo-client-secret' } as const;
const SCOPE = 'demo.charges.read demo.charges.write';

/**
 * Registers the credential `demo` as an operator would: a refresh token from the provider, and `register`.
 * One that is registered already (from the data folder) is left as it is. Never rejects.
 */
export async function registerDemo({ providerUrl, invokeAdmin }: DemoParts): Promise<DemoOutcome> {
  try {
    if (await isRegistered(invokeAdmin)) return { result: 'kept' };
    const refused = await administer(invokeAdmin, {
      action: 'register',
      credential: DEMO_CREDENTIAL,
      provider: 'bs2',
      token_url: providerUrl + TOKEN_PATH,
      scope: SCOPE,
      client: CLIENT,
      refresh_token: await obtainRefreshToken(providerUrl),
    });
    return refused === undefined ? { result: 'registered' } : { result: 'failed', reason: refused };
  } catch (error) {
    return { result: 'failed', reason: error instanceof Error ? error.name : 'error' };
  }
}

async function isRegistered(invokeAdmin: DemoParts['invokeAdmin']): Promise<boolean> {
  const { payload } = await invokeAdmin(JSON.stringify({ action: 'list' }));
  const { credentials = [] } = JSON.parse(payload) as { credentials?: { credential: string }[] };
  return credentials.some(({ credential }) => credential === DEMO_CREDENTIAL);
}

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
