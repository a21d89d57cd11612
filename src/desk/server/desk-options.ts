import type { DeskSignIn } from '../../config/desk/sign-in-configuration.ts';
import type { Configuration } from '../../config/configuration.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Language, Words } from '../../domain/language.ts';
import type { Ledger } from '../../ledger/ledger-port.ts';
import type { UserAtHost } from '../../ledger/privacy/access-log-table.ts';
import type { UploadReader } from '../uploads/upload-reader.ts';

/** A job whose runs people see at the desk. */
export interface DeskJob {
  readonly name: string;
  readonly provider: string;
  readonly timeZone: string;
  readonly language: Language;
  /** Whether people may upload lists for it. */
  readonly takesUploads: boolean;
  /** An absolute path; uploads lie in a folder below it. */
  readonly reportsDirectory: string;
}

/** A list that a person uploaded. */
export interface UploadedList {
  readonly job: string;
  /** An absolute path. */
  readonly path: string;
  readonly saidYes: boolean;
}

/** The figures that a live run publishes. */
export interface LiveFigures {
  /** The state, the speed and the expected end, as `status --watch` tells them. */
  readonly course: Words;
  readonly due: number;
  /** Counts the records whose call is over, by class. */
  readonly final: Readonly<Record<string, number | undefined>>;
}

export interface DeskOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly me: UserAtHost;
  /** Null where nobody signs in: one person at this machine then does everything. */
  readonly signIn: DeskSignIn | null;
  /** All jobs of the process. People may upload lists for one of them at least. */
  readonly jobs: readonly DeskJob[];
  /**
   * Returns the configuration of a run of the list. Rejects with ConfigurationError or HandedBackError where there is
   * none.
   */
  readonly configure: (list: UploadedList) => Promise<Configuration>;
  /** Reads uploaded lists in another process; null where this process has to read them, which then does nothing else. */
  readonly reader: UploadReader | null;
  /** Resolves to null where no process works on the run, or where it has not begun to call. */
  readonly figuresOf: (runId: string) => Promise<LiveFigures | null>;
  /** Is called when somebody has asked for a run. */
  readonly asked: () => void;
  /** Receives a sentence for the log, which the person at the page does not see. */
  readonly tell: (sentence: string) => void;
}
