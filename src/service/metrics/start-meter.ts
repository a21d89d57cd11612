import { basename, dirname } from 'node:path';
import type { Clock } from '../../domain/clock.ts';
import { messageOf } from '../../domain/error-words.ts';
import { exitCodes } from '../../domain/exit-code.ts';
import type { Logger } from '../../domain/logger.ts';
import { cleanUntrustedText } from '../../domain/untrusted-text.ts';
import { readOldestOpen, writeJobEnd } from '../../ledger/job-end-table.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';
import { replaceFile } from '../../report/folder/unfinished-file.ts';
import { perSecondOf, pacedOf } from '../../report/measured-stretches.ts';
import type { Limits } from '../../report/run-limits.ts';
import { didItsWork, summariesOf, type StartEnd } from '../notify/job-condition.ts';
import { addUpFigures, type StartFigures } from './start-figures.ts';

export interface StartMeterOptions {
  readonly job: string;
  readonly rates: Limits['rates'];
  /** Absolute path; null: no text file is wanted. */
  readonly textfile: string | null;
  readonly version: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Tells a person at the terminal, in one sentence, what could not be written. */
  readonly warn: (sentence: string) => void;
}

/** The collector of the text file runs as another user. */
const TEXTFILE_MODE = 0o644;

const NOTHING_DONE = { exitCode: exitCodes.done, exitCause: 'nothing_due', results: [] } as const;

/**
 * Keeps in the ledger how a start of a job ended and what it did, and writes the text file for node-exporter. It
 * never changes how the start ends: a failure is reported once, in the log and on the terminal.
 */
export class StartMeter {
  private readonly options: StartMeterOptions;
  private isOver = false;

  constructor(options: StartMeterOptions) {
    this.options = options;
  }

  /**
   * Notes the end once, however often it is called. `end` null: there was nothing to do. `ledger` null: it is not
   * available.
   */
  async ended(
    ledger: Queryable | null,
    end: Pick<StartEnd, 'exitCode' | 'exitCause' | 'results'> | null,
  ): Promise<void> {
    if (this.isOver) return;
    this.isOver = true;
    const told = end ?? NOTHING_DONE;
    // The run has already given up waiting for the ledger; do not wait again.
    const isKept = ledger !== null && told.exitCause !== 'ledger_gone' && (await this.keep(ledger, told));
    await this.write(isKept ? ledger : null, told);
  }

  /** Returns whether the ledger has it. */
  private async keep(
    ledger: Queryable,
    end: Pick<StartEnd, 'exitCode' | 'exitCause' | 'results'>,
  ): Promise<boolean> {
    const { job, clock } = this.options;
    try {
      await writeJobEnd(ledger, job, {
        ...end,
        at: clock.now(),
        isSuccess: didItsWork(end),
        figures: await this.figuresOf(ledger, end),
      });
      return true;
    } catch (error) {
      this.failed('how the start ended could not be kept', error);
      return false;
    }
  }

  private async figuresOf(
    ledger: Queryable,
    { results }: Pick<StartEnd, 'results'>,
  ): Promise<StartFigures | null> {
    const summaries = summariesOf(results);
    const runIds = summaries.map(({ runId }) => runId);
    return addUpFigures(summaries, {
      allowedPerSecond: perSecondOf(pacedOf(this.options.rates)),
      oldestOpenAt: runIds.length === 0 ? null : await readOldestOpen(ledger, runIds),
    });
  }

  private async write(ledger: Queryable | null, { exitCause }: Pick<StartEnd, 'exitCause'>): Promise<void> {
    const { job, textfile, version, clock } = this.options;
    if (textfile === null) return;
    try {
      // Few starts write a text file; the others do not load the library.
      const { collectMetrics, collectWithoutLedger } = await import('./collect-metrics.ts');
      const now = clock.now();
      const registry =
        ledger === null
          ? collectWithoutLedger({ job, exitCause, at: now }, version)
          : await collectMetrics(ledger, { now, version });
      await replaceFile(dirname(textfile), basename(textfile), await registry.metrics(), TEXTFILE_MODE);
    } catch (error) {
      this.failed(`metrics.textfile ${textfile} could not be written`, error);
    }
  }

  private failed(what: string, error: unknown): void {
    const { logger, warn } = this.options;
    const reason = cleanUntrustedText(messageOf(error));
    logger.warn('metrics were not told', { what, reason });
    warn(`${what}: ${reason}; the run itself is not affected`);
  }
}
