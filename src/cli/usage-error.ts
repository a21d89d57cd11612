/** Words on the command line that can't be understood or carried out: exit code 2. */
export class UsageError extends Error {
  readonly code = 'USAGE';
  /** What a person can choose from, each on a line of its own below the sentence. */
  readonly choices: readonly string[];

  constructor(message: string, choices: readonly string[] = []) {
    super(message);
    this.choices = choices;
  }
}
