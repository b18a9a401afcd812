/** The error types of the service that the emulator uses, as they stand in `__type` on the wire. */
export type ErrorType =
  | 'InternalServiceError'
  | 'InvalidNextTokenException'
  | 'InvalidParameterException'
  | 'InvalidRequestException'
  | 'LimitExceededException'
  | 'MalformedPolicyDocumentException'
  | 'PublicPolicyException'
  | 'ResourceExistsException'
  | 'ResourceNotFoundException'
  | 'SerializationException'
  | 'ThrottlingException'
  | 'UnknownOperationException'
  | 'ValidationException';

/**
 * An answer other than 200. `code` is the wire's `__type`; every one is HTTP 400, an unknown secret too,
 * save `InternalServiceError` (500). Messages follow the real service's where those are known, and never
 * hold a value from the request.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html
 */
export class ServiceError extends Error {
  readonly code: ErrorType;

  constructor(code: ErrorType, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ServiceError';
    this.code = code;
  }

  /** The HTTP status of the answer. */
  get status(): number {
    return this.code === 'InternalServiceError' ? 500 : 400;
  }
}

/** No secret has this name or ARN. */
export function secretNotFound(): ServiceError {
  return new ServiceError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
}

/** The secret exists, but no version with a value is where the request looks (`VersionId: …`, `staging label: …`). */
export function valueNotFound(where: string): ServiceError {
  return new ServiceError(
    'ResourceNotFoundException',
    `Secrets Manager can't find the specified secret value for ${where}`,
  );
}

/** The secret is waiting for its deletion: only DescribeSecret, listing, RestoreSecret and a forced delete work. */
export function secretMarkedForDeletion(): ServiceError {
  return new ServiceError(
    'InvalidRequestException',
    "You can't perform this operation on the secret because it was marked for deletion.",
  );
}

/** A ClientRequestToken that belongs to a version with another value. */
export function requestTokenInUse(token: string, arn: string): ServiceError {
  return new ServiceError(
    'ResourceExistsException',
    `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${arn}.`,
  );
}

/** A parameter, or a combination of them, that the service's documents rule out. */
export function invalidParameter(message: string): ServiceError {
  return new ServiceError('InvalidParameterException', message);
}
