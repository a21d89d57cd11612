import { onlyRow, type Ledger, type Queryable } from '../ledger-port.ts';

/** SQL: nobody calls the record, no outcome is younger than `$1`, and every break about it is closed. */
const IS_IDLE = `e.status <> 'sending' and e.claim_run_no is null
  and coalesce(e.recorded_at, '-infinity'::timestamptz) < $1::timestamptz
  and not exists (select 1 from break b where b.state <> 'closed' and b.provider = e.provider
                  and b.user_id = e.user_id and b.par in (e.par, b.other_par))`;

const STANDS_IN_A_LIST = `select 1 from list_row l join run r on r.run_no = l.run_no
  where r.provider = e.provider and l.user_id = e.user_id and l.par = e.par`;

/** Counts records that stand in no list once these runs are forgotten. */
export async function countUnlistedRecords(
  on: Queryable,
  before: Date,
  forgottenRuns: readonly number[],
): Promise<number> {
  const rows = await on.query<{ records: number }>(
    `select count(*)::integer as records from enrollment e
     where ${IS_IDLE} and not exists (${STANDS_IN_A_LIST} and l.run_no <> all($2::integer[]))`,
    [before.toISOString(), forgottenRuns],
  );
  return onlyRow(rows).records;
}

/**
 * Keeps everybody from beginning or planning a run until the transaction ends; calls go on. It waits for a plan under
 * way: the plan sees the records it relies on, and its list is seen here.
 */
async function holdOffPlans(transaction: Queryable): Promise<void> {
  await transaction.query('lock table run in share row exclusive mode');
}

/**
 * Keeps the records that stand in no list as candidates, in one pass over the lists and without a lock. Returns how
 * many. deleteCandidates leaves records alone that come in a list meanwhile.
 */
export async function noteCandidates(ledger: Ledger, before: Date): Promise<number> {
  await ledger.query('delete from purge_candidate');
  const asOf = await ledger.transaction(async (transaction) => {
    await holdOffPlans(transaction);
    const rows = await transaction.query<{ as_of: number }>(
      `select coalesce(min(run_no) filter (where state = 'staging') - 1, max(run_no), 0)::integer as as_of from run`,
    );
    return onlyRow(rows).as_of;
  });
  const rows = await ledger.query<{ records: number }>(
    `with noted as (
       insert into purge_candidate (record_no, as_of_run_no)
       select e.record_no, $2 from enrollment e where ${IS_IDLE} and not exists (${STANDS_IN_A_LIST})
       on conflict (record_no) do nothing returning 1)
     select count(*)::integer as records from noted`,
    [before.toISOString(), asOf],
  );
  return onlyRow(rows).records;
}

/** Deletes the next `size` candidates, except those that stand in a new list or are being called. */
export async function deleteCandidates(
  ledger: Ledger,
  before: Date,
  size: number,
): Promise<{ readonly seen: number; readonly deleted: number }> {
  return await ledger.transaction(async (transaction) => {
    await holdOffPlans(transaction);
    const page = await takePage(transaction, size);
    if (page.length === 0) return { seen: 0, deleted: 0 };
    const asOf = Math.min(...page.map((candidate) => candidate.as_of_run_no));
    const later = await transaction.query<{ run_no: number }>('select run_no from run where run_no > $1', [
      asOf,
    ]);
    const deleted = await deleteUnlisted(transaction, before, {
      records: page.map((candidate) => candidate.record_no),
      laterRuns: later.map((run) => run.run_no),
    });
    return { seen: page.length, deleted };
  });
}

async function takePage(transaction: Queryable, size: number) {
  return await transaction.query<{ record_no: string; as_of_run_no: number }>(
    `delete from purge_candidate
     where record_no in (select record_no from purge_candidate order by record_no limit $1)
     returning record_no, as_of_run_no`,
    [size],
  );
}

/**
 * Looks only through lists of later runs, because the others were looked through before; without such it reads no list.
 */
async function deleteUnlisted(
  transaction: Queryable,
  before: Date,
  { records, laterRuns }: { readonly records: readonly string[]; readonly laterRuns: readonly number[] },
): Promise<number> {
  const isInNone =
    laterRuns.length === 0
      ? 'cardinality($3::integer[]) = 0'
      : `not exists (${STANDS_IN_A_LIST} and l.run_no = any($3::integer[]))`;
  const rows = await transaction.query<{ deleted: number }>(
    `with free as materialized (
       select e.record_no from enrollment e
       where e.record_no = any($2::bigint[]) and ${IS_IDLE} and ${isInNone} for update of e skip locked),
     deleted as (delete from enrollment where record_no in (select record_no from free) returning 1),
     -- Its note is a person's text about the record.
     unsettled as (delete from resolution where record_no in (select record_no from free))
     select count(*)::integer as deleted from deleted`,
    [before.toISOString(), records, laterRuns],
  );
  return onlyRow(rows).deleted;
}
