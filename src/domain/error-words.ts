/** The system's or a library's own word for what happened, else the error's name. */
export function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/**
 * What a caught thing says of itself. A connection refused at several addresses is an AggregateError without words
 * of its own: those of its parts then.
 */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
