import type { ExitCause, ExitDecision } from '../../domain/exit-cause.ts';
import type { ExitCode } from '../../domain/exit-code.ts';
import type { RunState } from '../../domain/run-state.ts';
import { onlyRow, type Queryable, type RunFence } from '../ledger-port.ts';
import { ENDED_LIST, UNFINISHED_LIST } from '../sql-lists.ts';

export type RunKind = 'list' | 'handed_back' | 'retry';

/** One execution of a job on a list, as the table holds it. */
export interface RunRow {
  readonly run_no: number;
  readonly id: string;
  readonly job: string;
  readonly provider: string;
  readonly kind: RunKind;
  readonly state: RunState;
  /** int8 as text. */
  readonly epoch: string;
  /** yyyy-MM-dd. */
  readonly night: string;
  readonly list_name: string;
  readonly content: string;
  readonly header: readonly string[];
  /** Index of the column in the header; null until the list is read. */
  readonly user_id_column: number | null;
  readonly par_column: number | null;
  readonly rows_read: number | null;
  readonly blank_lines: number | null;
  readonly title_lines: number | null;
  readonly totals_lines: number | null;
  /** How the list was read, see migration 0003; null for a retry, or where an older program read it. */
  readonly list_notes: unknown;
  readonly again: boolean;
  readonly settings: unknown;
  readonly exit_code: ExitCode | null;
  /** Null where the run has no end, or an older program wrote an end whose code alone does not tell. */
  readonly exit_cause: ExitCause | null;
  readonly exit_reason: string | null;
  readonly started_at: Date;
  readonly finished_at: Date | null;
  readonly superseded_by: string | null;
  /** The result of its canary; null: it was not weighed. */
  readonly canary: 'passed' | 'tripped' | null;
  /** The most calls at once that the provider was found to bear; null: no such limit was found. */
  readonly learnt_at_once: number | null;
  /** See readStoredTotals. */
  readonly control_totals: unknown;
  /** See readStoredDifference. */
  readonly night_difference: unknown;
  /** Limits under which it ran before it was continued under others, each with `until`; see readLimitStretches. */
  readonly earlier_limits: unknown;
  /** The program version that began it or continued it last; null: a version that did not say. */
  readonly program_version: string | null;
  /** When a purge of its rows began; null: they are whole. */
  readonly purge_began_at: Date | null;
}

const columns = `run_no, id, job, provider, kind, state, epoch, night::text as night, list_name, content, header,
  user_id_column, par_column, rows_read, blank_lines, title_lines, totals_lines, list_notes, again, settings, exit_code, exit_cause, exit_reason, started_at, finished_at, superseded_by, canary, learnt_at_once, earlier_limits,
  control_totals, night_difference, program_version, purge_began_at`;

/** The columns, for other modules that read whole runs. */
export { columns as runColumns };

export interface NewRun {
  readonly id: string;
  readonly job: string;
  readonly provider: string;
  readonly kind: RunKind;
  readonly night: string;
  readonly listName: string;
  readonly content: string;
  readonly again: boolean;
  readonly settings: unknown;
  readonly startedAt: Date;
  readonly programVersion?: string;
}

export async function createRun(on: Queryable, run: NewRun): Promise<RunRow> {
  return onlyRow(
    await on.query<RunRow>(
      `insert into run (id, job, provider, kind, state, night, list_name, content, again, settings, started_at, program_version)
       values ($1, $2, $3, $4, 'staging', $5::date, $6, $7, $8, $9::jsonb, $10::timestamptz, $11) returning ${columns}`,
      [
        run.id,
        run.job,
        run.provider,
        run.kind,
        run.night,
        run.listName,
        run.content,
        run.again,
        JSON.stringify(run.settings),
        run.startedAt.toISOString(),
        run.programVersion ?? null,
      ],
    ),
  );
}

/** Finds the job's run that can be continued. A unique index lets in at most one. */
export async function findUnfinishedRun(on: Queryable, job: string): Promise<RunRow | null> {
  const rows = await on.query<RunRow>(
    `select ${columns} from run where job = $1 and state in ${UNFINISHED_LIST}`,
    [job],
  );
  return rows[0] ?? null;
}

export async function findRun(on: Queryable, id: string): Promise<RunRow | null> {
  const rows = await on.query<RunRow>(`select ${columns} from run where id = $1`, [id]);
  return rows[0] ?? null;
}

export async function readRun(on: Queryable, runNo: number): Promise<RunRow> {
  return onlyRow(await on.query<RunRow>(`select ${columns} from run where run_no = $1`, [runNo]));
}

/** Finds the newest run that ended, complete or not, and still has its rows. */
export async function findLastEndedRun(on: Queryable): Promise<RunRow | null> {
  const rows = await on.query<RunRow>(
    `select ${columns} from run where state in ${ENDED_LIST} and purge_began_at is null
     order by run_no desc limit 1`,
  );
  return rows[0] ?? null;
}

/** Newest first. */
export async function readLastRuns(on: Queryable, count: number): Promise<RunRow[]> {
  return await on.query<RunRow>(`select ${columns} from run order by run_no desc limit $1`, [count]);
}

/** Finds the last complete run of a list, of one job or of any. */
export async function findLastListRun(on: Queryable, job: string | null): Promise<RunRow | null> {
  const rows = await on.query<RunRow>(
    `select ${columns} from run
     where state = 'complete' and kind = 'list' and ($1::text is null or job = $1) order by run_no desc limit 1`,
    [job],
  );
  return rows[0] ?? null;
}

/**
 * Returns the row counts of a job's last complete lists, newest first. Retries and handed-back lists don't count.
 * `listName`: counts only lists of this name; null: any name.
 */
export async function readRowsOfCompleteRuns(
  on: Queryable,
  {
    job,
    provider,
    listName,
  }: { readonly job: string; readonly provider: string; readonly listName: string | null },
  count: number,
): Promise<number[]> {
  const rows = await on.query<{ rows_read: number }>(
    `select rows_read from run where job = $1 and provider = $2 and kind = 'list' and state = 'complete'
       and ($4::text is null or list_name = $4) order by run_no desc limit $3`,
    [job, provider, count, listName],
  );
  return rows.map((row) => row.rows_read);
}

/** A run that came to its end. */
export interface FinishedRun {
  readonly id: string;
  readonly finishedAt: Date;
}

/** Finds the job's last complete run on this very content. Retries have contents of their own. */
export async function findFinishedRun(
  on: Queryable,
  { job, provider }: { readonly job: string; readonly provider: string },
  content: string,
): Promise<FinishedRun | null> {
  const rows = await on.query<FinishedRun>(
    `select id, finished_at as "finishedAt" from run
     where job = $1 and provider = $2 and content = $3 and state = 'complete' order by run_no desc limit 1`,
    [job, provider, content],
  );
  return rows[0] ?? null;
}

/**
 * Raises the epoch of a run, so that its earlier process can write no more. It waits for writes under way, since each
 * of them holds the row.
 */
export async function raiseEpoch(on: Queryable, runNo: number): Promise<RunFence> {
  const row = onlyRow(
    await on.query<{ epoch: string }>('update run set epoch = epoch + 1 where run_no = $1 returning epoch', [
      runNo,
    ]),
  );
  return { runNo, epoch: row.epoch };
}

export async function setRunState(on: Queryable, runNo: number, state: RunState): Promise<void> {
  await on.query('update run set state = $2 where run_no = $1', [runNo, state]);
}

/** Continues a run: sets tonight's night and today's settings, and clears how it ended before. */
export async function reopenRun(
  on: Queryable,
  runNo: number,
  today: {
    readonly night: string;
    readonly settings: unknown;
    readonly programVersion: string;
    /** Our clock, but no earlier than the run's last call where the clock was put back. */
    readonly now: Date;
  },
): Promise<void> {
  await on.query(
    `update run set state = 'dispatching', night = $2::date, settings = $3::jsonb, exit_code = null, exit_cause = null, exit_reason = null, finished_at = null,
            control_totals = null, night_difference = null, program_version = $4,
            earlier_limits = case when settings -> 'limits' = $3::jsonb -> 'limits' then earlier_limits
              else earlier_limits || jsonb_build_array(jsonb_build_object('until', $5::text, 'limits', settings -> 'limits')) end
     where run_no = $1`,
    [runNo, today.night, JSON.stringify(today.settings), today.programVersion, today.now.toISOString()],
  );
}

export interface RunEnd extends ExitDecision {
  readonly finishedAt: Date;
}

/** Keeps how the run ends. Its state stays until the folder is written. */
export async function noteRunEnd(on: Queryable, runNo: number, end: RunEnd): Promise<void> {
  await on.query(
    `update run set exit_code = $2, exit_cause = $3, exit_reason = $4, finished_at = $5::timestamptz
     where run_no = $1`,
    [runNo, end.exitCode, end.exitCause, end.reason, end.finishedAt.toISOString()],
  );
}

export async function supersedeRun(on: Queryable, runNo: number, byRunId: string): Promise<void> {
  await on.query(`update run set state = 'superseded', superseded_by = $2 where run_no = $1`, [
    runNo,
    byRunId,
  ]);
}

export interface ListFacts {
  readonly header: readonly string[];
  readonly encoding: string;
  readonly delimiter: string;
  readonly userIdColumn: number;
  readonly parColumn: number;
  readonly rowsRead: number;
  readonly blankLines: number;
  readonly titleLines: number;
  readonly totalsLines: number;
  /** How it was read, as plain JSON without ids; null where there is nothing to say. */
  readonly notes: object | null;
}

export async function noteList(on: Queryable, runNo: number, list: ListFacts): Promise<void> {
  await on.query(
    `update run set header = $2, encoding = $3, delimiter = $4, user_id_column = $5, par_column = $6,
            rows_read = $7, blank_lines = $8, title_lines = $9, totals_lines = $10, list_notes = $11::jsonb
     where run_no = $1`,
    [
      runNo,
      list.header,
      list.encoding,
      list.delimiter,
      list.userIdColumn,
      list.parColumn,
      list.rowsRead,
      list.blankLines,
      list.titleLines,
      list.totalsLines,
      list.notes === null ? null : JSON.stringify(list.notes),
    ],
  );
}

/** Keeps the content of a list, where it is known only after the list was read to its end. */
export async function noteContent(on: Queryable, runNo: number, content: string): Promise<void> {
  await on.query('update run set content = $2 where run_no = $1', [runNo, content]);
}

export async function noteCanary(
  on: Queryable,
  runNo: number,
  found: NonNullable<RunRow['canary']>,
): Promise<void> {
  await on.query('update run set canary = $2 where run_no = $1', [runNo, found]);
}

/**
 * Keeps what a process has learnt; where several processes called for a run, the last one that learnt something counts.
 */
export async function noteLearntAtOnce(on: Queryable, runNo: number, learnt: number): Promise<void> {
  await on.query('update run set learnt_at_once = $2 where run_no = $1', [runNo, learnt]);
}
