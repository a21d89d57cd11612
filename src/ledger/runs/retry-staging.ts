import type { RowClass } from '../../domain/class.ts';
import { onlyRow, type Parameter, type Queryable } from '../ledger-port.ts';

/** Selects the rows of an earlier run that are called again. */
export interface RetrySelection {
  readonly sourceRunNo: number;
  readonly classes: readonly RowClass[];
  /** Takes only rows with this provider code; null: any. */
  readonly code: string | null;
  /** Takes only rows whose last call, or else whose run's start, lies before this. */
  readonly before: Date | null;
  /** Takes only rows whose record has come again for at least so many nights; null: any. */
  readonly nights: number | null;
  /** Takes also rows whose record a person has settled. */
  readonly withSettled: boolean;
  /** The age as it was typed: what makes two selections the same. */
  readonly olderThan: string | null;
  /**
   * Later runs under the same provider from which rows are taken too. For a record that stands in several of them the
   * latest row decides, so that nobody is called twice. Not given: rows are taken from this run alone.
   */
  readonly laterRunNos?: readonly number[];
}

const SELECTED = `s.run_no = $1 and r.purge_began_at is null and s.user_id is not null and coalesce(s.class, 'unprocessed') = any($2::text[])
  and ($3::text is null or s.code = $3)
  and ($4::timestamptz is null or coalesce(s.last_attempt_at, r.started_at) < $4::timestamptz)
  and ($5::integer is null or s.nights >= $5::integer)
  and not exists (select 1 from list_row l
                  where l.run_no = any($6::integer[]) and l.user_id = s.user_id and l.par = s.par)`;

/** By now, and not only when the row got its class. */
const IS_SETTLED = `exists (select 1 from enrollment e where e.provider = r.provider and e.user_id = s.user_id
  and e.par = s.par and e.resolution_no is not null)`;

function takenBy({ withSettled }: RetrySelection): string {
  return withSettled ? SELECTED : `${SELECTED} and not ${IS_SETTLED}`;
}

function parametersOf(selection: RetrySelection): Parameter[] {
  const { sourceRunNo, classes, code, before, nights, laterRunNos = [] } = selection;
  return [sourceRunNo, classes, code, before?.toISOString() ?? null, nights, laterRunNos];
}

/** Counts the selected rows by class, to tell a person before anything is called. */
export async function countSelected(
  on: Queryable,
  selection: RetrySelection,
): Promise<{ class: RowClass; rows: number }[]> {
  return await on.query<{ class: RowClass; rows: number }>(
    `select coalesce(s.class, 'unprocessed') as class, count(*)::integer as rows
     from list_row s join run r on r.run_no = s.run_no where ${takenBy(selection)} group by 1 order by 1`,
    parametersOf(selection),
  );
}

/** Counts the rows that are left out because a person has settled their record. */
export async function countSettledLeftOut(on: Queryable, selection: RetrySelection): Promise<number> {
  if (selection.withSettled) return 0;
  const rows = await on.query<{ rows: number }>(
    `select count(*)::integer as rows
     from list_row s join run r on r.run_no = s.run_no where ${SELECTED} and ${IS_SETTLED}`,
    parametersOf(selection),
  );
  return onlyRow(rows).rows;
}

/** Stages the selection as the rows of `runNo`, with their own cells and lines. Returns how many were written. */
export async function stageSelected(
  on: Queryable,
  selection: RetrySelection,
  runNo: number,
): Promise<number> {
  const row = onlyRow(
    await on.query<{ rows: number }>(
      `with staged as (
         insert into list_row (run_no, row_no, line, cells, user_id, par)
         select $7, row_number() over (order by s.row_no), s.line, s.cells, s.user_id, s.par
         from list_row s join run r on r.run_no = s.run_no where ${takenBy(selection)}
         returning 1)
       select count(*)::integer as rows from staged`,
      [...parametersOf(selection), runNo],
    ),
  );
  return row.rows;
}
