import { SUCCESS_LIST } from '../sql-lists.ts';

// What a claim asks of a record in SQL, by the names that its statement has for the record and the run.

/** Free for the run: nobody has the record in hand, and no outcome since it was planned keeps it from being called. */
export function isFree(run: string): string {
  return `(e.status <> 'sending' and e.claim_run_no is null
         and (e.recorded_at is null or e.recorded_at <= ${run}.planned_at)
         and (${run}.again or e.status not in ${SUCCESS_LIST})
         and (${run}.kind <> 'list' or e.status not in ('bad_data', 'conflict', 'unknown_code')))`;
}

/** The record's last call was a stop_run. */
export function wasRefused(record: string): string {
  return `(${record}.attempts > 0 and (select outcome = 'stop_run' from attempt where record_no = ${record}.record_no order by attempt_no desc limit 1) is true)`;
}

/** The record's member was enrolled before the run began; the `limit` has the member's few cards looked up by their key. */
export function wasWell(record: string, run: string): string {
  return `((select true from enrollment w
           where w.provider = ${record}.provider and w.user_id = ${record}.user_id
             and coalesce(w.prior_status, w.status) in ${SUCCESS_LIST} and w.first_success_at < ${run}.started_at limit 1) is true)`;
}
