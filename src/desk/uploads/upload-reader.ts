import type { UnreadUpload } from '../../ledger/desk/upload-plans.ts';

/** Reads uploaded lists, one at a time, and stores in the ledger what a run of each would do or why it is refused. */
export interface UploadReader {
  /**
   * Resolves once the outcome is stored. Rejects where it can't be known now: with ReadingEndedError where the process
   * that read the list died of it or was killed, else with the reason.
   */
  read(upload: UnreadUpload): Promise<void>;
  /** Is called when there is nothing to read: the reader lets go of what it holds. */
  rest(): void;
  /** Breaks off what is being read. */
  close(): Promise<void>;
}

/** The process that read a list ended without an answer. */
export class ReadingEndedError extends Error {
  readonly code = 'READING_ENDED';
  constructor(how: string) {
    super(`the process that read it ended (${how})`);
    this.name = 'ReadingEndedError';
  }
}
