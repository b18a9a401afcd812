import { invalid, ParameterError } from './errors.ts';

const ACCOUNT_ID = '000000000000';
const MOST_LEVELS = 15;
/** With the ARN in front of it. */
const LONGEST_ARN = 1011;
const ARN = /^arn:aws[a-z-]*:ssm:[^:]*:([^:]*):parameter(\/.+)$/;

/** Rejects a name that a parameter may not have, as PutParameter does. */
export function assertNewName(name: string, region: string): void {
  if (!/^[a-zA-Z0-9_.\-/]+$/.test(name)) {
    throw invalid(
      'Parameter name must be a fully qualified name of the letters, digits and symbols a-zA-Z0-9_.-/.',
    );
  }
  if (name.includes('/') && !name.startsWith('/')) {
    throw invalid('Parameter name: must be fully qualified: it must begin with "/".');
  }
  if (name.endsWith('/') || name.includes('//')) throw invalid('Parameter name: a level must have a name.');
  if (/^\/?(?:aws|ssm)/i.test(name)) {
    throw invalid('Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).');
  }
  if (name.split('/').filter(Boolean).length > MOST_LEVELS) {
    throw new ParameterError('HierarchyLevelLimitExceededException', 'At most 15 levels are allowed.');
  }
  if (arnOf(name, region).length > LONGEST_ARN)
    throw invalid('Parameter name: with its ARN at most 1011 characters.');
}

export function arnOf(name: string, region: string): string {
  return `arn:aws:ssm:${region}:${ACCOUNT_ID}:parameter${name.startsWith('/') ? '' : '/'}${name}`;
}

/** What a request asks for: `name`, `name:version`, `name:label`, or an ARN in place of the name. */
export function parseReference(reference: string): {
  readonly names: readonly string[];
  readonly selector?: string;
} {
  const text = reference.trim();
  const arn = ARN.exec(text);
  const [path = '', selector] = (arn?.[2] ?? text).split(':', 2);
  if (arn && arn[1] !== ACCOUNT_ID) return { names: [] };
  // The ARN of a name without a hierarchy has a slash in front of it too.
  const names = arn ? [path, path.slice(1)] : [path];
  return selector === undefined ? { names } : { names, selector };
}
