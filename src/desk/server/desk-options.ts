import type { DeskSignIn } from '../../config/desk/sign-in-configuration.ts';
import type { Configuration } from '../../config/configuration.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Language } from '../../domain/language.ts';
import type { Ledger } from '../../ledger/ledger-port.ts';
import type { UserAtHost } from '../../ledger/privacy/access-log-table.ts';

/** A job for which people may upload lists: a kind of upload. */
export interface DeskJob {
  readonly name: string;
  readonly provider: string;
  readonly timeZone: string;
  readonly language: Language;
  /** Absolute; uploads lie in a folder of it. */
  readonly reportsDirectory: string;
}

/** A list as a person uploaded it. */
export interface UploadedList {
  readonly job: string;
  /** Absolute. */
  readonly path: string;
  readonly saidYes: boolean;
}

/** How far a live run is, as it says itself. */
export interface LiveFigures {
  /** As the terminal shows it, in one line. */
  readonly line: string;
  readonly due: number;
  /** Records whose call is over, by class. */
  readonly final: Readonly<Record<string, number | undefined>>;
}

export interface DeskOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly me: UserAtHost;
  /** Null: nobody signs in, and one person at this machine does everything. */
  readonly signIn: DeskSignIn | null;
  /** At least one. */
  readonly jobs: readonly DeskJob[];
  /** How the list would run. Rejects where it can't: ConfigurationError, HandedBackError. */
  readonly configure: (list: UploadedList) => Promise<Configuration>;
  /** Null: nobody has this run in hand, or it has not begun to call. */
  readonly figuresOf: (runId: string) => Promise<LiveFigures | null>;
  /** Somebody has asked for a run. */
  readonly asked: () => void;
  /** What a person should not have to read but somebody should: a sentence. */
  readonly tell: (sentence: string) => void;
}
