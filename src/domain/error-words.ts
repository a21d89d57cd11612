/** Returns the system's or a library's own code for what happened, else the error's name. */
export function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/**
 * Returns the message of anything caught. An AggregateError, as of a connection refused at several addresses, has no
 * message of its own; the messages of its parts are returned then.
 */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
