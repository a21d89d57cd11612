/** Words on the command line that can't be understood or carried out. Exit code 2. */
export class UsageError extends Error {
  readonly code = 'USAGE';
  /** Choices for the person, each on its own line below the sentence. */
  readonly choices: readonly string[];

  constructor(message: string, choices: readonly string[] = []) {
    super(message);
    this.choices = choices;
  }
}
