import type { Readable } from 'node:stream';
import type { Secret } from '../config/secret.ts';
import type { Clock } from '../domain/clock.ts';
import type { RunSignals } from '../domain/run-signals.ts';
import type { OpenLedger } from '../ledger/engine/open-ledger.ts';
import type { StopSignal } from '../run/run-environment.ts';
import type { LogPlace } from './session/run-logger.ts';

/** What a command uses of the process it runs in. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder at which relative paths start. */
  readonly cwd: string;
  /** Standard input from its beginning; call it at most once. */
  stdin(): Readable;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly clock: Clock;
  readonly signals: RunSignals;
  /**
   * The user who runs the program and the machine, as the operating system says; no environment variable changes
   * them.
   */
  readonly me: { readonly user: string; readonly host: string; readonly pid: number };
  /** Calls `listener` at every signal that asks the program to stop. Returns a function that ends this. */
  onStopSignal(listener: (signal: StopSignal) => void): () => void;
  /** Keeps these secrets out of everything the program prints from now on. */
  hide(secrets: readonly Secret[]): void;
  /** Sets the log in which failures of this process leave a line from now on. */
  logTo(place: LogPlace): void;
  /** Null: not set yet. */
  readonly logPlace: LogPlace | null;
  /**
   * Says that something takes a while, until something else is written: at a terminal at once, elsewhere every 30 s;
   * never with --quiet. `words` must be our own.
   */
  waitsFor(words: string): void;
  /** Reports a failure in Korean too, below the English sentence, from now on. */
  useKorean(): void;
  /**
   * An open ledger that its owner will close, where one process makes many runs; not given: the command opens its
   * own.
   */
  readonly lentLedger?: OpenLedger;
  /** Ends the process at once. */
  endNow(exitCode: number): void;
}

/** What the process itself supplies; `main` adds how failures and waiting are reported. */
export type ProcessHost = Omit<Host, 'useKorean' | 'waitsFor'>;

export interface Output {
  readonly isTerminal: boolean;
  /** The current width. */
  readonly columns: number;
  /** Writes lines of ours; control characters in them have no effect. */
  write(text: string): void;
  /** Writes like `write`, but our own control sequences move the cursor and set colours. Only for cleaned texts. */
  draw(text: string): void;
}
