import type { DeskSignIn } from '../../config/desk/sign-in-configuration.ts';
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

export interface DeskOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly me: UserAtHost;
  /** Null: nobody signs in, and one person at this machine does everything. */
  readonly signIn: DeskSignIn | null;
  /** At least one. */
  readonly jobs: readonly DeskJob[];
  /** What a person should not have to read but somebody should: a sentence. */
  readonly tell: (sentence: string) => void;
}
