export interface CodedError extends Error {
  /** Stable; callers switch on it, never on the message. */
  readonly code: string;
}

export function createCodedError(code: string, message: string): CodedError {
  return Object.assign(new Error(message), { code });
}
