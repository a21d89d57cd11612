import { parseRunSettings } from '../config/run-settings.ts';
import { countOpenBreaks, type BreakFigures } from '../domain/reconciliation/break.ts';
import type { Clock } from '../domain/clock.ts';
import { exitCodeOfCause, type ExitDecision } from '../domain/exit-cause.ts';
import { nightOf } from '../domain/night.ts';
import {
  lockBreaks,
  readBreakFigures,
  readBreaks,
  type BreakRow,
  type BreakSelection,
} from '../ledger/breaks/break-table.ts';
import {
  compareWithLists,
  countListedRows,
  findListsOfNight,
  findUnreadLists,
  scopeOfList,
  type ComparedList,
  type ListedRows,
} from '../ledger/breaks/list-findings.ts';
import type { Ledger } from '../ledger/ledger-port.ts';
import { refreshStatistics } from '../ledger/runs/planning.ts';
import { findLastListRun, findRun, findUnfinishedRun, type RunRow } from '../ledger/runs/run-table.ts';

/** What is compared: the last complete list of any job, of a job, or this run, which must be that job's last. */
export interface ListAsked {
  readonly job: string | null;
  readonly runId: string | null;
}

/** What was asked for can't be compared: nothing was changed. */
class ListNotComparableError extends Error {
  readonly code = 'LIST_NOT_COMPARABLE';
}

/** How the lists of a job differ from the ledger. Breaks hold whole ids. */
export interface ListReconciliation extends Pick<ExitDecision, 'exitCode' | 'exitCause'> {
  readonly job: string;
  readonly provider: string;
  /** The run named, or the last one: its settings say where reports are. */
  readonly run: Pick<RunRow, 'id' | 'settings'>;
  /** The night the lists are of, yyyy-MM-dd. */
  readonly listNight: string;
  /** In the order they were run; at least one. */
  readonly lists: readonly ComparedList[];
  readonly rows: ListedRows;
  /** Lists of that night that never came to their end. */
  readonly unread: readonly string[];
  /** The job's run that is not at its end; null: none. */
  readonly underWay: string | null;
  /** The night of the comparison, yyyy-MM-dd: ages count up to it. */
  readonly night: string;
  readonly figures: readonly BreakFigures[];
  /** Those of the comparison, as of its moment. */
  readonly selection: BreakSelection;
  /** The first open ones, oldest first. */
  readonly first: readonly BreakRow[];
}

export interface ReconcileListParts {
  readonly clock: Clock;
  /** Told what is under way, a few words; large lists take a minute. */
  readonly told: (words: string) => void;
  /** Open breaks that come back one by one, at most. */
  readonly shown: number;
}

/**
 * Compares the last complete lists of a job with the ledger as it is now; breaks are the only thing it writes, in one
 * transaction. It needs no lock of the job: rows of complete runs never change, and what a live run finds out
 * meanwhile counts next time. Rejects with ListNotComparableError.
 */
export async function reconcileList(
  ledger: Ledger,
  asked: ListAsked,
  { clock, told, shown }: ReconcileListParts,
): Promise<ListReconciliation> {
  const run = await findList(ledger, asked);
  const lists = await findListsOfNight(ledger, run);
  const forgotten = lists.find((list) => list.is_purged);
  if (forgotten !== undefined) {
    throw new ListNotComparableError(
      `run ${forgotten.run_id} was purged: nobody knows any more who stood in its list; run a list of job ${run.job} first`,
    );
  }
  const runNos = lists.map((list) => list.run_no);
  const rows = await countListedRows(ledger, runNos);
  const timeZone = timeZoneOf(run);
  told(`comparing ${rows.rows} rows of ${lists.map((list) => list.list_name).join(', ')} with the ledger`);
  // Of an embedded ledger nobody else does, and a join of tables the planner takes for empty has no end.
  await refreshStatistics(ledger);
  const scope = scopeOfList(run);
  const moment = await ledger.transaction(async (transaction) => {
    // Only then: another comparison may have been waited for, and what it entered is of an earlier moment than this one.
    await lockBreaks(transaction);
    const now = clock.now();
    const taken = { at: now, night: nightOf(now, timeZone) };
    await compareWithLists(transaction, scope, runNos, taken);
    return taken;
  });
  const { at } = moment;
  told('counting the breaks');
  const figures = await readBreakFigures(ledger, { ...scope, asOf: at, night: moment.night });
  const unfinished = await findUnfinishedRun(ledger, run.job);
  const selection = { provider: run.provider, job: run.job, kinds: scope.kinds, asOf: at };
  const exitCause = countOpenBreaks(figures) === 0 ? 'done' : 'not_enrolled';
  return {
    job: run.job,
    provider: run.provider,
    run,
    listNight: run.night,
    lists,
    rows,
    unread: await findUnreadLists(ledger, run),
    underWay: unfinished?.id ?? null,
    night: moment.night,
    figures,
    selection,
    first: await readBreaks(ledger, { ...selection, state: 'open' }, 0, shown),
    exitCode: exitCodeOfCause(exitCause),
    exitCause,
  };
}

/** An older list would close what is there and enter what is gone: breaks are of a job's last list. */
async function findList(ledger: Ledger, { job, runId }: ListAsked): Promise<RunRow> {
  const run = runId === null ? await findLastListRun(ledger, job) : await findRun(ledger, runId);
  if (run === null) throw new ListNotComparableError(noneWords(job, runId));
  if (runId === null) return run;
  if (job !== null && job !== run.job) {
    throw new ListNotComparableError(`run ${runId} is of job ${run.job}, not of ${job}`);
  }
  if (run.kind !== 'list' || run.state !== 'complete') {
    const what = run.kind === 'list' ? run.state : run.kind === 'retry' ? 'a retry' : 'a list handed back';
    throw new ListNotComparableError(
      `run ${runId} is ${what}: a list is compared that has come to its end, as complete`,
    );
  }
  const last = await findLastListRun(ledger, run.job);
  const isOfLastNight = last?.night === run.night && last.provider === run.provider;
  if (last === null || isOfLastNight) return run;
  throw new ListNotComparableError(
    `run ${runId} is not of the last list of job ${run.job}, which is that of run ${last.id}: breaks are of the last one`,
  );
}

function noneWords(job: string | null, runId: string | null): string {
  if (runId !== null) return `no run ${runId} in the ledger; kona-enroll status lists them`;
  return `the ledger holds no list${job === null ? '' : ` of job ${job}`} that has come to its end`;
}

function timeZoneOf(run: RunRow): string {
  const settings = parseRunSettings(run.settings);
  if (settings.kind === 'refused') throw new ListNotComparableError(settings.problems.join('; '));
  return settings.value.timeZone;
}
