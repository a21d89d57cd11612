import type { RejectionReason } from '../../domain/rejection/rejection.ts';
import type { KeptRejection } from '../../domain/rejection/rejection-words.ts';
import { rejectionOfRow } from '../kept-rejection.ts';
import { onlyRow, type Queryable } from '../ledger-port.ts';

/**
 * Replaces `run` and `list_row` by empty temporary tables of this transaction. Staging and classifying then happen
 * there, and nothing outlives the transaction. It first sets the records of `lastRunNo` aside for `compareWithLast`.
 * Call it only inside a transaction.
 */
export async function shadowListTables(transaction: Queryable, lastRunNo: number | null): Promise<void> {
  await transaction.query(
    `create temporary table last_record (user_id text not null, par text not null) on commit drop`,
  );
  if (lastRunNo !== null) {
    await transaction.query(
      `insert into last_record
       select distinct user_id, par from list_row where run_no = $1 and user_id is not null`,
      [lastRunNo],
    );
    await transaction.query('analyze last_record');
  }
  await transaction.query('create temporary table run (like run including all) on commit drop');
  await transaction.query('create temporary table list_row (like list_row including all) on commit drop');
  // A session that has run before keeps plans that lead to the real tables; they would read those, and write to them.
  await transaction.query('discard plans');
}

/** Makes statistics, because the planner knows nothing of rows that were just staged. */
export async function countShadowRows(transaction: Queryable): Promise<void> {
  await transaction.query('analyze list_row');
}

/** Finds the run whose list the job's next list is compared with: the last complete one, unless it was purged. */
export async function findLastListRun(
  on: Queryable,
  { job, provider }: { readonly job: string; readonly provider: string },
): Promise<{ runNo: number; id: string } | null> {
  const rows = await on.query<{ runNo: number; id: string }>(
    `select run_no as "runNo", id from (
       select run_no, id, purge_began_at from run
       where job = $1 and provider = $2 and kind = 'list' and state = 'complete' order by run_no desc limit 1) as last
     where purge_began_at is null`,
    [job, provider],
  );
  return rows[0] ?? null;
}

/** Counts of the list's records that would be called. */
export interface DueHistory {
  /** Never called yet. */
  readonly neverCalled: number;
  /** Called before, and not enrolled. */
  readonly calledBefore: number;
}

export async function countDueHistory(on: Queryable, runNo: number, provider: string): Promise<DueHistory> {
  return onlyRow(
    await on.query<DueHistory>(
      `select count(*) filter (where coalesce(e.attempts, 0) = 0)::integer as "neverCalled",
              count(*) filter (where e.attempts > 0)::integer as "calledBefore"
       from list_row r
       left join enrollment e on e.provider = $2 and e.user_id = r.user_id and e.par = r.par
       where r.run_no = $1 and not r.settled`,
      [runNo, provider],
    ),
  );
}

/** How the records differ from those of the last list. */
export interface ListDifference {
  readonly added: number;
  readonly gone: number;
  /** Members who have a record that is new and one that is gone. */
  readonly changedPar: number;
}

export async function compareWithLast(on: Queryable, runNo: number): Promise<ListDifference> {
  return onlyRow(
    await on.query<ListDifference>(
      `with now as (select distinct user_id, par from list_row where run_no = $1 and user_id is not null),
       added as materialized (select user_id, par from now except select user_id, par from last_record),
       gone as materialized (select user_id, par from last_record except select user_id, par from now)
       select (select count(*) from added)::integer as added, (select count(*) from gone)::integer as gone,
              (select count(*) from (select user_id from added intersect select user_id from gone) c)::integer as "changedPar"`,
      [runNo],
    ),
  );
}

export interface RejectionCount {
  readonly reason: string;
  readonly rows: number;
  readonly firstLine: number;
}

export async function countRejections(on: Queryable, runNo: number): Promise<RejectionCount[]> {
  return await on.query<RejectionCount>(
    `select code as reason, count(*)::integer as rows, min(line) as "firstLine"
     from list_row where run_no = $1 and class = 'rejected' group by code order by 2 desc, 1`,
    [runNo],
  );
}

export interface RejectedLine extends KeptRejection {
  readonly line: number;
  readonly reason: RejectionReason;
}

export async function readFirstRejected(
  on: Queryable,
  runNo: number,
  count: number,
): Promise<RejectedLine[]> {
  return await on.query<RejectedLine>(
    `select r.line, r.code as reason, r.message, ${rejectionOfRow('r')} as rejection
     from list_row r where r.run_no = $1 and r.class = 'rejected' order by r.row_no limit $2`,
    [runNo, count],
  );
}
