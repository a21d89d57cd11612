import { zonedTime } from '../../domain/time/wall-time.ts';
import { breakOffStart, findOpenStarts, missUntakenStarts } from '../../ledger/cron-table.ts';
import type { Ledger } from '../../ledger/ledger-port.ts';
import { readLiveJobs } from '../../ledger/locks/live-jobs.ts';
import type { ServedJob } from './served-job.ts';

/** A worker that has taken a start holds its job's lock, or has ended the start, after this time. */
const HAS_LOCK_AFTER_MS = 60_000;

/**
 * Closes the job's starts whose windows are over: they are missed where no worker took them, and broken off where the
 * worker is gone. A live worker does the same; this function serves a night without one. Returns a sentence for each.
 */
export async function closeStarts(ledger: Ledger, job: ServedJob, now: Date): Promise<readonly string[]> {
  const missed = await missUntakenStarts(ledger, job.name, now);
  const sentences = missed.map(
    ({ due_at: due, closes_at: closed }) =>
      `the start of ${zonedTime(due, job.timeZone)} was missed: no worker took it before its window closed at ${zonedTime(closed, job.timeZone)}`,
  );
  return [...sentences, ...(await closeBrokenOff(ledger, job, now))];
}

/**
 * Closes broken-off starts on a server ledger only. Only the one process of an embedded ledger knows whether it works
 * on a job.
 */
async function closeBrokenOff(ledger: Ledger, job: ServedJob, now: Date): Promise<readonly string[]> {
  if (ledger.engine !== 'server') return [];
  const open = await findOpenStarts(ledger, job.name);
  const over = open.filter(
    ({ begun_at: begun, closes_at: closes }) =>
      begun !== null && begun < closes && closes.getTime() <= now.getTime() - HAS_LOCK_AFTER_MS,
  );
  if (over.length === 0 || (await readLiveJobs(ledger)).some((live) => live.name === job.name)) return [];
  const sentences: string[] = [];
  for (const { request, due_at: due } of over) {
    if (!(await breakOffStart(ledger, request, now))) continue;
    sentences.push(brokenOffWords(due, job));
  }
  return sentences;
}

function brokenOffWords(due: Date, { timeZone }: ServedJob): string {
  return `the start of ${zonedTime(due, timeZone)} was broken off, and nobody continued its run: the next start will`;
}
