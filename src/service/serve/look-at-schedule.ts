import {
  findOpenStarts,
  forgetOldStarts,
  lookAtCronLine,
  noteStart,
  type StartDecision,
} from '../../ledger/cron-table.ts';
import type { Ledger } from '../../ledger/ledger-port.ts';
import { readLiveJobs } from '../../ledger/locks/live-jobs.ts';
import { closingOf } from './start-window.ts';
import type { ServedJob } from './served-job.ts';

/** A start that came due since the last look, and what was decided about it. */
export interface CameDue {
  readonly due: Date;
  readonly closesAt: Date;
  readonly decision: Exclude<StartDecision, 'broken_off'>;
  /** The number of earlier starts that came due without a look. */
  readonly earlier: number;
}

/**
 * Decides about the start that came due since the last look at the job's cron line; null where none did, or where
 * another process decided. `now` is a time of the clock that all processes share.
 */
export async function lookAtSchedule(ledger: Ledger, job: ServedJob, now: Date): Promise<CameDue | null> {
  const { name, schedule, timeZone } = job;
  if (schedule === null) return null;
  const key = { job: name, line: schedule.line, timeZone };
  return await ledger.transaction(async (transaction) => {
    const lookedAt = await lookAtCronLine(transaction, key, now);
    const found = schedule.cron.lastBetween(lookedAt, now);
    if (found === null) return null;
    const closesAt = closingOf(found.at, job);
    const open = await findOpenStarts(transaction, name);
    const isRunning =
      open.some(({ closes_at }) => closes_at > now) ||
      // An embedded ledger belongs to this process, and every run of this process has an open start.
      (ledger.engine === 'server' && (await readLiveJobs(transaction)).some((live) => live.name === name));
    const decision = decideStart({ closesAt, isRunning }, now);
    const { earlier } = found;
    const isOurs = await noteStart(transaction, name, { dueAt: found.at, closesAt, decision, earlier }, now);
    await forgetOldStarts(transaction, key);
    return isOurs ? { due: found.at, closesAt, decision, earlier } : null;
  });
}

/** Decides about a start. A start whose window has closed is never made up for, whatever else runs. */
function decideStart(
  { closesAt, isRunning }: { readonly closesAt: Date; readonly isRunning: boolean },
  now: Date,
): CameDue['decision'] {
  if (closesAt <= now) return 'missed';
  return isRunning ? 'skipped' : 'requested';
}
