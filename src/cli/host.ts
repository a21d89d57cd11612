import type { Readable } from 'node:stream';
import type { Secret } from '../config/secret.ts';
import type { Clock } from '../domain/clock.ts';
import type { RunSignals } from '../domain/run-signals.ts';
import type { OpenLedger } from '../ledger/engine/open-ledger.ts';
import type { StopSignal } from '../run/run-environment.ts';
import type { LogPlace } from './session/run-logger.ts';

/** What a command has of the process it runs in. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where relative paths start. */
  readonly cwd: string;
  /** What is piped in, from its beginning; asked for once at most. */
  stdin(): Readable;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly clock: Clock;
  readonly signals: RunSignals;
  /** Who runs the program, as the operating system says: no environment variable changes it. */
  readonly me: { readonly user: string; readonly host: string; readonly pid: number };
  /** Calls `listener` at every signal that asks the program to stop. Returns how to stop listening. */
  onStopSignal(listener: (signal: StopSignal) => void): () => void;
  /** From here on these never appear in what the program prints. */
  hide(secrets: readonly Secret[]): void;
  /** Where failures of this process leave a line, from here on. */
  logTo(place: LogPlace): void;
  /** Null: nobody has said. */
  readonly logPlace: LogPlace | null;
  /** Says what takes a while, until something is written: at a terminal at once, elsewhere every 30 s; not with --quiet. Words of ours. */
  waitsFor(words: string): void;
  /** From here on a failure is told in Korean too, under the English sentence. */
  useKorean(): void;
  /** Open already and somebody else's to close, where one process makes many runs; not given: whoever needs it opens it. */
  readonly lentLedger?: OpenLedger;
  /** Ends the process at once. */
  endNow(exitCode: number): void;
}

/** What the process itself brings; `main` knows how failures and waiting are told. */
export type ProcessHost = Omit<Host, 'useKorean' | 'waitsFor'>;

export interface Output {
  readonly isTerminal: boolean;
  /** As wide as it is now. */
  readonly columns: number;
  /** Lines of ours; control characters in them do nothing. */
  write(text: string): void;
  /** As `write`, but moves the cursor and colours as our own control sequences say. Only texts that were cleaned. */
  draw(text: string): void;
}
