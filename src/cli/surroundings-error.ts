/** The working folder or an output of the process can't be used. Exit code 8. */
export class SurroundingsError extends Error {
  readonly code: 'WORKING_FOLDER' | 'OUTPUT_LOST';

  constructor(code: SurroundingsError['code'], message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'SurroundingsError';
    this.code = code;
  }
}
