import { OvertakenError, onlyRow, type Queryable, type RunFence } from '../ledger-port.ts';

/**
 * Tells whether a registration since then, by any run under this very set-up, had an answer that only a right set-up
 * gets: 000_000, 001_003 or 007_xxx with a status that lets the code decide. `since`: by our clock, like `sent_at`.
 */
export async function isSetupProved(on: Queryable, setup: string, since: Date): Promise<boolean> {
  const rows = await on.query<{ proved: boolean }>(
    `select exists (
       select 1 from run r join attempt a on a.run_no = r.run_no
       where r.setup = $1 and (r.finished_at is null or r.finished_at >= $2::timestamptz)
         and a.sent_at >= r.setup_since and a.sent_at >= $2::timestamptz
         and a.call = 'register' and a.reply_kind = 'answered' and a.outcome <> 'stop_run'
         and (a.code = '000_000' and a.http_status between 200 and 299
              or (a.code = '001_003' or starts_with(a.code, '007_'))
                 and (a.http_status between 200 and 299 or a.http_status between 400 and 499) and a.http_status <> 429)
     ) as proved`,
    [setup, since.toISOString()],
  );
  return onlyRow(rows).proved;
}

/**
 * Makes held calls of the run bad_data, as if their answers had been believed at once: attempt, record and row
 * together. A second time, after an unheard commit, it finds none of them held any more.
 */
export async function settleHeldCalls(
  on: Queryable,
  fence: RunFence,
  correlationIds: readonly string[],
): Promise<void> {
  const rows = await on.query<{ fenced: number }>(SETTLE_HELD, [fence.runNo, fence.epoch, correlationIds]);
  if (onlyRow(rows).fenced === 0) throw new OvertakenError();
}

/** SQL: class or code differ from before. They date from the call then, and a person's resolution ends. */
const SAYS_ANOTHER = `(('bad_data', h.code) is distinct from (e.status, e.code))`;

const SETTLE_HELD = `
with fence as (select run_no, night from run where run_no = $1 and epoch = $2 for share),
h as (
  select a.attempt_no, a.record_no, a.row_no, a.correlation_id, a.sent_at, a.http_status, a.code, a.message
  from attempt a, fence
  where a.run_no = fence.run_no and a.correlation_id = any($3::text[]) and a.outcome = 'held'),
recorded as (
  update enrollment e
  set status = 'bad_data', claim_run_no = null, claim_row_no = null, code = h.code, message = h.message,
      http_status = h.http_status, correlation_id = h.correlation_id, nights = 0, last_night = fence.night,
      since = case when ${SAYS_ANOTHER} then h.sent_at else e.since end,
      resolution_no = case when ${SAYS_ANOTHER} then null else e.resolution_no end,
      class_given_by = null, last_run_no = fence.run_no, recorded_at = clock_timestamp()
  from h, fence
  where e.record_no = h.record_no and e.claim_run_no = fence.run_no and e.status <> 'sending'
  returning e.record_no, e.resolution_no),
judged as (
  update attempt a set outcome = 'bad_data'
  from h join recorded on recorded.record_no = h.record_no where a.attempt_no = h.attempt_no),
shown as (
  update list_row r
  set class = 'bad_data', settled = true, kept = false, code = h.code, message = h.message, http_status = h.http_status,
      correlation_id = h.correlation_id, nights = 0, resolution_no = recorded.resolution_no, class_given_by = null
  from h join recorded on recorded.record_no = h.record_no, fence
  where r.run_no = fence.run_no and r.row_no = h.row_no)
select count(*)::integer as fenced from fence`;

/** Keeps the set-up under which a run calls from now on. `at`: by our clock. */
export async function noteSetup(on: Queryable, runNo: number, setup: string, at: Date): Promise<void> {
  await on.query(
    `update run set setup = $2, setup_since = case when setup = $2 then setup_since else $3::timestamptz end
     where run_no = $1`,
    [runNo, setup, at.toISOString()],
  );
}
