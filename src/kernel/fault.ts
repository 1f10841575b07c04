/** What is known of a fault besides its message. */
export interface FaultOptions {
  /** Whether the same call may succeed if tried again unchanged. Default false. */
  retryable?: boolean;
  cause?: unknown;
  /** Facts for the reader: positions, names, limits. Never secrets. */
  detail?: Readonly<Record<string, unknown>>;
}

/**
 * Something that should not have happened. Expected ends (busy, a closed window) are values, not faults.
 * `code` is stable, kebab-case, and is what programs and the HTTP table look at; the message is for people and
 * says what to do.
 */
export class Fault extends Error {
  readonly code: string;
  readonly retryable: boolean;
  readonly detail: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options: FaultOptions = {}) {
    super(message, { cause: options.cause });
    this.name = "Fault";
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.detail = options.detail ?? {};
  }
}

/** The fault itself, or an unknown error wrapped as one. */
export function toFault(error: unknown, code: string): Fault {
  if (error instanceof Fault) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new Fault(code, message, { cause: error });
}
