/**
 * What a caught thing says of itself. A connection refused at several addresses is an AggregateError without words
 * of its own: those of its parts then.
 */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
