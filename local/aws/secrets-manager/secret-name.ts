import { ServiceError } from './errors.ts';

/**
 * Rejects with `ValidationException` unless the name has only characters that a secret's name may have. The
 * service checks this wherever a name is given, to create a secret or to find one, and lets the `!` of
 * managed secrets (`rds!…`) pass.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
 */
export function assertName(name: string): void {
  if (/^[A-Za-z0-9/_+=.@!-]{1,512}$/.test(name)) return;
  throw new ServiceError(
    'ValidationException',
    'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
  );
}
