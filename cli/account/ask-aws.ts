/** The services that are asked how an account stands, by their names in hosts. */
export type AwsService =
  | 'cloudwatch'
  | 'dynamodb'
  | 'ec2'
  | 'events'
  | 'iam'
  | 'lambda'
  | 'scheduler'
  | 'sns'
  | 'sqs'
  | 'sts';

/** A question to AWS. It changes nothing. */
export interface AwsQuestion {
  readonly service: AwsService;
  /** What the caller must be allowed to do. */
  readonly permission: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The text of an answer, or the code with which AWS refused it. */
export type AwsAnswer =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly code: string };

/** Asks AWS in the name of the person who types. Never rejects: no answer is a refusal with a code of its own. */
export type AskAws = (question: AwsQuestion) => Promise<AwsAnswer>;

/** A question in AWS's JSON protocol; `target` is its `X-Amz-Target`. */
export function jsonQuestion(
  service: AwsService,
  target: string,
  input: object,
  version: '1.0' | '1.1' = '1.0',
): AwsQuestion {
  const [, operation = ''] = target.split('.');
  return {
    service,
    permission: `${service}:${operation}`,
    method: 'POST',
    path: '/',
    headers: { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': target },
    body: JSON.stringify(input),
  };
}

/** A question in AWS's query protocol, which is answered in XML. */
export function queryQuestion(
  service: AwsService,
  version: string,
  action: string,
  parameters: Readonly<Record<string, string>> = {},
): AwsQuestion {
  return {
    service,
    permission: `${service}:${action}`,
    method: 'POST',
    path: '/',
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: new URLSearchParams({ Action: action, Version: version, ...parameters }).toString(),
  };
}

/** A question by a path. */
export function pathQuestion(service: AwsService, permission: string, path: string): AwsQuestion {
  return { service, permission, method: 'GET', path };
}

/** The contents of every element of that name that lies in no other of its name, in their order. */
export function elements(xml: string, name: string): string[] {
  const found: string[] = [];
  let [depth, beginsAt] = [0, 0];
  for (const tag of xml.matchAll(new RegExp(`<(/?)${name}(?:\\s[^>]*?)?(/?)>`, 'g'))) {
    const [whole, closes, isEmpty] = tag;
    if (isEmpty) continue;
    if (!closes) {
      if (depth === 0) beginsAt = tag.index + whole.length;
      depth += 1;
    } else if (depth > 0) {
      depth -= 1;
      if (depth === 0) found.push(xml.slice(beginsAt, tag.index));
    }
  }
  return found;
}
