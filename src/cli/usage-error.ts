/** Words on the command line that can't be understood or carried out: exit code 2. */
export class UsageError extends Error {
  readonly code = 'USAGE';
}
