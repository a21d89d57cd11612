import type { CallKind } from '../../domain/outcome.ts';
import { LedgerError, OvertakenError, onlyRow, type Queryable, type RunFence } from '../ledger-port.ts';

export interface SendingMark {
  readonly recordNo: string;
  readonly call: CallKind;
  readonly correlationId: string;
  readonly at: Date;
}

/** The mark of a record that this run has not claimed yet. */
export interface ClaimingMark extends SendingMark {
  readonly rowNo: number;
  /** `recorded_at` of the record when it was read; null: it had none. */
  readonly recordedAt: string | null;
}

/** How often a statement is repeated where two runs that mark the same records in different orders block each other. */
const MOST_DEADLOCKS = 5;

/**
 * Claims records and marks them as sending, in one statement. Their calls may leave only after it has committed.
 * Returns the numbers of the records that are this run's now: another run may have claimed a record since it was read,
 * or recorded an outcome. It waits for a record that another run is marking; where both wait, the database ends one
 * statement, which is repeated.
 */
export async function claimAndMark(
  on: Queryable,
  fence: RunFence,
  marks: readonly ClaimingMark[],
): Promise<ReadonlySet<string>> {
  const isWhole = (await claimInTurn(on, fence, marks)) === marks.length;
  return new Set(isWhole ? marks.map((mark) => mark.recordNo) : await findMarked(on, fence, marks));
}

async function claimInTurn(on: Queryable, fence: RunFence, marks: readonly ClaimingMark[]): Promise<number> {
  for (let deadlocks = 0; ; deadlocks += 1) {
    try {
      return await tryClaiming(on, fence, marks);
    } catch (error) {
      const isDeadlock = error instanceof LedgerError && error.code === 'LEDGER_DEADLOCK';
      if (!isDeadlock || deadlocks === MOST_DEADLOCKS) throw error;
    }
  }
}

async function tryClaiming(on: Queryable, fence: RunFence, marks: readonly ClaimingMark[]): Promise<number> {
  const rows = await on.query<{ fenced: number; marked: number }>(
    `with fence as (select run_no from run where run_no = $1 and epoch = $2 for share),
     i as (
       select * from unnest($3::bigint[], $4::integer[], $5::text[], $6::text[], $7::text[], $8::text[])
                       as i(record_no, row_no, correlation_id, at, call, recorded_at)),
     marked as (
       update enrollment e
       set prior_status = e.status, status = 'sending', sending_at = i.at::timestamptz, sending_correlation_id = i.correlation_id,
           sending_call = i.call, claim_run_no = fence.run_no, claim_row_no = i.row_no
       from i, fence
       where e.record_no = i.record_no and e.claim_run_no is null and e.status <> 'sending'
         and e.recorded_at is not distinct from i.recorded_at::timestamptz
       returning 1)
     select (select count(*) from fence)::integer as fenced, (select count(*) from marked)::integer as marked`,
    [
      fence.runNo,
      fence.epoch,
      marks.map((mark) => mark.recordNo),
      marks.map((mark) => mark.rowNo),
      marks.map((mark) => mark.correlationId),
      marks.map((mark) => mark.at.toISOString()),
      marks.map((mark) => mark.call),
      marks.map((mark) => mark.recordedAt),
    ],
  );
  const { fenced, marked } = onlyRow(rows);
  if (fenced === 0) throw new OvertakenError();
  return marked;
}

/** SQL for the marks that stand: made now, or earlier by the same statement when its commit went unheard. */
async function findMarked(
  on: Queryable,
  { runNo }: RunFence,
  marks: readonly SendingMark[],
): Promise<readonly string[]> {
  const rows = await on.query<{ record_no: string }>(
    `select e.record_no from unnest($2::bigint[], $3::text[]) as i(record_no, correlation_id)
     join enrollment e on e.record_no = i.record_no
     where e.claim_run_no = $1 and e.status = 'sending' and e.sending_correlation_id = i.correlation_id`,
    [runNo, marks.map((mark) => mark.recordNo), marks.map((mark) => mark.correlationId)],
  );
  return rows.map((row) => row.record_no);
}

/**
 * Marks records that are claimed for this run as sending. Their calls may leave only after this has committed. It marks
 * all of them or none: a record that is not ours to send means that the run was overtaken. A record that is sending
 * with the same correlation id was marked earlier by the same statement when its commit went unheard.
 */
export async function markSending(
  on: Queryable,
  fence: RunFence,
  marks: readonly SendingMark[],
): Promise<void> {
  // That statement may have committed while this one waited for its rows, too late to be seen: then the second look
  // does.
  for (let looks = 0; looks < 2; looks += 1) {
    if ((await tryMarking(on, fence, marks)) === marks.length) return;
  }
  throw new OvertakenError();
}

async function tryMarking(on: Queryable, fence: RunFence, marks: readonly SendingMark[]): Promise<number> {
  const rows = await on.query<{ marked: number }>(
    `with fence as (select run_no from run where run_no = $1 and epoch = $2 for share),
     i as (
       select * from unnest($3::bigint[], $4::text[], $5::text[], $6::text[]) as i(record_no, correlation_id, at, call)),
     before as (
       select 1 from i join enrollment e on e.record_no = i.record_no, fence
       where e.claim_run_no = fence.run_no and e.status = 'sending' and e.sending_correlation_id = i.correlation_id),
     marked as (
       update enrollment e
       set prior_status = e.status, status = 'sending', sending_at = i.at::timestamptz, sending_correlation_id = i.correlation_id,
           sending_call = i.call
       from i, fence
       where e.record_no = i.record_no and e.claim_run_no = fence.run_no and e.status <> 'sending'
       returning 1)
     select ((select count(*) from before) + (select count(*) from marked))::integer as marked`,
    [
      fence.runNo,
      fence.epoch,
      marks.map((mark) => mark.recordNo),
      marks.map((mark) => mark.correlationId),
      marks.map((mark) => mark.at.toISOString()),
      marks.map((mark) => mark.call),
    ],
  );
  return onlyRow(rows).marked;
}

/**
 * Takes back marks whose calls never left, because they were stopped or paused before their permit. The claims stay. A
 * second time it finds nothing sending, because its records are not marked again before it resolves.
 */
export async function unmarkSending(
  on: Queryable,
  fence: RunFence,
  recordNos: readonly string[],
): Promise<void> {
  await on.query(
    `with fence as (select run_no from run where run_no = $1 and epoch = $2 for share)
     update enrollment e
     set status = prior_status, prior_status = null, sending_at = null, sending_correlation_id = null, sending_call = null
     from fence where e.record_no = any($3::bigint[]) and e.claim_run_no = fence.run_no and e.status = 'sending'`,
    [fence.runNo, fence.epoch, recordNos],
  );
}
