import { onlyRow, type Queryable } from '../ledger-port.ts';

/** Runs that hold claims on records of this run's rows still due: the live ones finish, the dead ones are settled. */
export async function findClaimingRuns(
  on: Queryable,
  runNo: number,
  provider: string,
): Promise<{ run_no: number; job: string }[]> {
  return await on.query(
    `select distinct o.run_no, o.job
     from list_row r join enrollment e on e.provider = $2 and e.user_id = r.user_id and e.par = r.par
     join run o on o.run_no = e.claim_run_no
     where r.run_no = $1 and not r.settled and e.claim_run_no <> $1`,
    [runNo, provider],
  );
}

/** Rows still to be called that this run has no claim on: other runs have them in hand, or nobody does by now. */
export async function countUnclaimedRows(on: Queryable, runNo: number): Promise<number> {
  const rows = await on.query<{ rows: number }>(
    `select count(*)::integer as rows from list_row r
     where run_no = $1 and not settled
       and not exists (select 1 from enrollment e where e.claim_run_no = $1 and e.claim_row_no = r.row_no)`,
    [runNo],
  );
  return onlyRow(rows).rows;
}
