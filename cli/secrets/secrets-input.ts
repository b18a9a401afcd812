import { Option } from 'commander';
import { Secret } from '../../shared/secret/secret.ts';
import type { CommandContext, JsonObject } from '../context.ts';
import { UsageError } from '../errors.ts';
import type { Secrets } from './secrets.ts';
import { parseSecrets, readBounded, type SECRETS_EXAMPLES } from './secrets-json.ts';

/** One question. `optional`: an empty answer leaves it out. */
export interface Question {
  readonly member: AskedMember;
  readonly optional?: boolean;
}

/** What a person can type; keys, certificates and headers are files, and come as JSON. */
type AskedMember = 'client_id' | 'client_secret' | 'username' | 'password' | 'refresh_token' | 'expires_at';

const LABELS: Record<AskedMember, string> = {
  client_id: 'Client id',
  client_secret: 'Client secret',
  username: 'Username',
  password: 'Password',
  refresh_token: 'Refresh token',
  expires_at: 'When the client secret ends, such as 2030-01-31T12:00:00Z (Enter: not known)',
};

/** What may be shown while it is typed. */
const VISIBLE: ReadonlySet<string> = new Set(['client_id', 'username', 'expires_at']);

/** `--secrets -`; nothing else can follow it, so that nobody writes a secret or the name of a file there. */
export function secretsOption(): Option {
  return new Option(
    '--secrets <source>',
    'read the secrets as JSON from standard input: --secrets -',
  ).argParser((text: string) => {
    if (text === '-') return text;
    throw new UsageError('--secrets takes only "-": pipe the JSON into standard input');
  });
}

/**
 * The secrets of one command: from standard input as JSON, or by asking `questions` (worked out only when
 * somebody is there to answer). Rejects with a {@link UsageError} when there is neither; `example` is what it shows of
 * the JSON.
 */
export async function secretsFor(
  context: CommandContext,
  source: string | undefined,
  questions: () => Promise<readonly Question[]> | readonly Question[],
  example: keyof typeof SECRETS_EXAMPLES = 'registration',
): Promise<Secrets> {
  const { stdin } = context;
  if (source === '-') {
    if (stdin.isTTY) {
      throw new UsageError('a terminal would show the secrets: leave out --secrets - to be asked for them');
    }
    return parseSecrets(await readBounded(stdin), example);
  }
  if (!stdin.isTTY) {
    throw new UsageError('there is no terminal to ask for the secrets: give them as JSON with --secrets -');
  }
  const secrets: Secrets = {};
  for (const question of await questions()) {
    const answer = await answerOf(context, question);
    if (answer !== '') secrets[question.member] = new Secret(answer);
  }
  return secrets;
}

/** The members of a request that hold the secrets: the one place where they are revealed, to be sent. */
export function onWire({ refresh_token, access_token, headers, ...client }: Secrets): JsonObject {
  const revealed = (secrets: Readonly<Record<string, Secret>>) =>
    Object.fromEntries(Object.entries(secrets).map(([member, secret]) => [member, secret.reveal()]));
  const members = { ...revealed(client), ...(headers && { headers: revealed(headers) }) };
  return {
    ...(Object.keys(members).length > 0 && { client: members }),
    ...(refresh_token && { refresh_token: refresh_token.reveal() }),
    ...(access_token && { access_token: access_token.reveal() }),
  };
}

/** Adds `--network` to the secrets, in which it travels. Throws a {@link UsageError} if it is there already. */
export function withNetwork(secrets: Secrets, network: string | undefined): Secrets {
  if (network === undefined) return secrets;
  if (secrets.network) throw new UsageError('the network is given twice: by --network and in the JSON');
  return { ...secrets, network: new Secret(network) };
}

async function answerOf({ prompts }: CommandContext, { member, optional }: Question): Promise<string> {
  const asItIs = optional && member !== 'expires_at' ? ' (Enter: as it is)' : '';
  const label = `${LABELS[member]}${asItIs}:`;
  if (VISIBLE.has(member)) return (await prompts.visible(label, { optional })).trim();
  const answer = await prompts.hidden(label);
  // A token never has space around it, but what is copied from a web page often does. A password may.
  return member === 'refresh_token' ? answer.trim() : answer;
}
