/** The error types of the service that the emulator uses, as they stand in `__type` on the wire. */
export type ParameterErrorType =
  | 'HierarchyLevelLimitExceededException'
  | 'HierarchyTypeMismatchException'
  | 'InternalServerError'
  | 'InvalidResourceId'
  | 'ParameterAlreadyExists'
  | 'ParameterLimitExceeded'
  | 'ParameterNotFound'
  | 'ParameterVersionNotFound'
  | 'TooManyTagsError'
  | 'UnknownOperationException'
  | 'ValidationException';

/**
 * An answer other than 200. Messages follow the real service's where those are known, and never hold a value from the
 * request.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html#API_PutParameter_Errors
 */
export class ParameterError extends Error {
  override readonly name = 'ParameterError';
  readonly code: ParameterErrorType;

  constructor(code: ParameterErrorType, message = '', options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** The HTTP status of the answer. */
  get status(): number {
    return this.code === 'InternalServerError' ? 500 : 400;
  }
}

/** A request that the service's documents rule out. */
export function invalid(message: string): ParameterError {
  return new ParameterError('ValidationException', message);
}
