import { onlyRow, type Queryable } from '../ledger-port.ts';
import type { RunRow } from '../runs/run-table.ts';

/**
 * Counts the nights in a row, including this one, on which a list of the run's job had the same content by its hash,
 * whatever the file was called. Nights without a list do not count. 0 where the run has no list or an empty one.
 */
export async function countSameListNights(on: Queryable, run: RunRow): Promise<number> {
  if (run.kind !== 'list' || run.rows_read === null || run.rows_read === 0) return 0;
  const rows = await on.query<{ nights: number }>(
    `with nights as (
       select night, bool_or(content = $4) as is_same from run
       where job = $1 and provider = $2 and kind = 'list' and (state = 'complete' or run_no = $3) and run_no <= $3
       group by night)
     select count(*)::integer as nights from nights
     where night > all(select night from nights where not is_same)`,
    [run.job, run.provider, run.run_no, run.content],
  );
  return onlyRow(rows).nights;
}
