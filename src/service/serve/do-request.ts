import type { Clock } from '../../domain/clock.ts';
import type { ExitDecision } from '../../domain/exit-cause.ts';
import { zonedTime } from '../../domain/time/wall-time.ts';
import { beginStart, breakOffStart, endStart, missStart, readServerTime } from '../../ledger/cron-table.ts';
import type { Ledger } from '../../ledger/ledger-port.ts';
import { readRowsOfCompleteRuns } from '../../ledger/runs/run-table.ts';
import { HandedBackError } from '../queue/run-queue.ts';
import type { SharedSlots } from './shared-slots.ts';
import type { ServedJob } from './served-job.ts';

/** The end of a served start, which is the same as that of a `run` by hand. */
export type StartedRun = Pick<ExitDecision, 'exitCode' | 'exitCause'>;

export interface RequestOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly stop: AbortSignal;
  readonly slots: SharedSlots;
  /** Never rejects. `isAgain` means that another worker had begun the start, and may have left the job a moment ago. */
  readonly run: (job: ServedJob, isAgain: boolean) => Promise<StartedRun>;
  readonly tell: (job: ServedJob, sentence: string) => void;
}

/** After these causes another worker continues the run: the ledger was gone, or this process was told to stop. */
export const HANDED_BACK: ReadonlySet<StartedRun['exitCause']> = new Set<StartedRun['exitCause']>([
  'signal',
  'ledger_gone',
]);

/**
 * Makes the run that a request asks for, if the ledger says that it is still to be made. Rejects with HandedBackError
 * where another process must continue it, or could begin it while this one has no slot free.
 */
export async function doRequest(options: RequestOptions, job: ServedJob, request: string): Promise<void> {
  const { ledger, stop, slots, run, tell } = options;
  const { name, provider } = job;
  const [rows = null] = await readRowsOfCompleteRuns(ledger, { job: name, provider, listName: null }, 1);
  const ended = await slots.take({ job: name, rows }, stop, async (): Promise<StartedRun | null> => {
    const now = await sharedNow(options);
    const start = await beginStart(ledger, request, now);
    if (start === null) return null;
    const { due_at: due, closes_at: closesAt, begun_at: begunAt } = start;
    const which = zonedTime(due, job.timeZone);
    if (closesAt <= now) {
      const closed = `its window closed at ${zonedTime(closesAt, job.timeZone)}`;
      if (begunAt === null) {
        await missStart(ledger, request, now);
        tell(job, `the start of ${which} was missed: nobody took it before ${closed}`);
      } else {
        await breakOffStart(ledger, request, now);
        tell(job, `the start of ${which} was broken off, and ${closed}: the next start continues its run`);
      }
      return null;
    }
    tell(
      job,
      `the start of ${which} ${begunAt === null ? 'begins' : 'is continued, because its worker is gone'}`,
    );
    return await run(job, begunAt !== null);
  });
  if (ended === null && !stop.aborted) return;
  if (ended === null || HANDED_BACK.has(ended.exitCause)) throw new HandedBackError();
  // The process that has taken the run over also ends the start.
  if (ended.exitCause === 'overtaken') return;
  await endStart(ledger, request, await sharedNow(options));
  tell(job, `ended with exit ${ended.exitCode} (${ended.exitCause})`);
}

/** Returns the time of the clock that all serving processes share. */
export async function sharedNow({ ledger, clock }: Pick<RequestOptions, 'ledger' | 'clock'>): Promise<Date> {
  return (await readServerTime(ledger)) ?? clock.now();
}
