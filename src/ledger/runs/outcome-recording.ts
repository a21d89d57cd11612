import type { CallClass } from '../../domain/class.ts';
import type { CallKind, Reply } from '../../domain/outcome.ts';
import { LedgerError, OvertakenError, onlyRow, type Queryable, type RunFence } from '../ledger-port.ts';
import { COMES_AGAIN_LIST, SUCCESS_LIST } from '../sql-lists.ts';

/** One call and its outcome, which attempt, record and row get together. */
export interface RecordedCall {
  readonly recordNo: string;
  readonly rowNo: number;
  readonly call: CallKind;
  readonly correlationId: string;
  readonly sentAt: Date;
  /** When it left by a clock that nobody had changed, where the clock was changed during the run; else null. */
  readonly steadyAt?: Date | null;
  readonly latencyMs: number;
  readonly reply: Reply;
  /** What the call found, in our words; null where the provider's words are shown. */
  readonly finding: string | null;
  /**
   * stop_run: the call says nothing about the record, which goes back to what it was. The same holds for an inquiry
   * that did not find the record among the member's plans, and for a call that is held until our set-up is proved.
   */
  readonly outcome: CallClass | 'stop_run' | 'held';
  /** True where this run will not call the record again: the row's class is final, and the claim is released. */
  readonly settled: boolean;
  /** True where the class comes from the job file's `outcomes`; row and record are marked so. */
  readonly isGivenByJobFile?: boolean;
  /** The correlation id that the answer carries where it is another one than the call's. */
  readonly otherCorrelationId?: string | null;
}

/**
 * Records a set of calls in one statement. Each call changes its record only while that is sending under this run's
 * claim. So when the first commit went unheard and the set is repeated, it changes nothing. Where a record is not
 * sending and the ledger has no attempt of the call, its mark was lost with a primary whose standby had not received
 * it. The outcome is known, so it is written all the same.
 */
export async function recordCalls(
  on: Queryable,
  fence: RunFence,
  calls: readonly RecordedCall[],
): Promise<void> {
  if ((await tryRecording(on, fence, calls)) === calls.length) return;
  const noted = await readNoted(on, calls);
  const unknown = calls.filter((call) => !noted.has(call.correlationId));
  if (unknown.length === 0) return;
  await markAgain(on, fence, unknown);
  if ((await tryRecording(on, fence, unknown)) === unknown.length) return;
  throw new LedgerError(
    'LEDGER_STATEMENT',
    `the ledger has lost that ${unknown.length} records were under way, and another run has taken some of them`,
  );
}

/** Returns how many of the calls it recorded. */
async function tryRecording(on: Queryable, fence: RunFence, calls: readonly RecordedCall[]): Promise<number> {
  const answers = calls.map((call) => (call.reply.kind === 'answered' ? call.reply : null));
  const rows = await on.query<{ fenced: number; recorded: number }>(RECORD_CALLS, [
    fence.runNo,
    fence.epoch,
    calls.map((call) => call.recordNo),
    calls.map((call) => call.rowNo),
    calls.map((call) => call.correlationId),
    calls.map((call) => call.sentAt.toISOString()),
    calls.map((call) => call.latencyMs),
    calls.map((call) => call.reply.kind),
    calls.map((call) => (call.reply.kind === 'not_sent' ? null : call.reply.httpStatus)),
    answers.map((answer) => answer?.code ?? null),
    calls.map(messageOf),
    answers.map((answer) => answer?.raw ?? null),
    calls.map((call) => (call.reply.kind === 'answered' ? call.reply.unread : call.reply.error)),
    calls.map((call) => call.outcome),
    calls.map((call) => call.settled),
    calls.map((call) => call.call),
    calls.map((call) => call.otherCorrelationId ?? null),
    calls.map((call) => call.isGivenByJobFile ?? false),
    calls.map((call) => call.steadyAt?.toISOString() ?? null),
  ]);
  const { fenced, recorded } = onlyRow(rows);
  if (fenced === 0) throw new OvertakenError();
  return recorded;
}

/** Returns the correlation ids of the calls whose attempt is there. */
async function readNoted(on: Queryable, calls: readonly RecordedCall[]): Promise<ReadonlySet<string>> {
  const rows = await on.query<{ correlation_id: string }>(
    'select correlation_id from attempt where correlation_id = any($1::text[])',
    [calls.map((call) => call.correlationId)],
  );
  return new Set(rows.map((row) => row.correlation_id));
}

/** Marks the records as sending and claimed for their rows again, unless another run has the record by now. */
async function markAgain(on: Queryable, fence: RunFence, calls: readonly RecordedCall[]): Promise<void> {
  await on.query(
    `with fence as (select run_no from run where run_no = $1 and epoch = $2 for share)
     update enrollment e
     set prior_status = e.status, status = 'sending', sending_at = i.at::timestamptz, sending_correlation_id = i.correlation_id,
         sending_call = i.call, claim_run_no = fence.run_no, claim_row_no = i.row_no
     from unnest($3::bigint[], $4::integer[], $5::text[], $6::text[], $7::text[]) as i(record_no, row_no, correlation_id, at, call),
          fence
     where e.record_no = i.record_no and e.status <> 'sending' and (e.claim_run_no is null or e.claim_run_no = fence.run_no)`,
    [
      fence.runNo,
      fence.epoch,
      calls.map((call) => call.recordNo),
      calls.map((call) => call.rowNo),
      calls.map((call) => call.correlationId),
      calls.map((call) => call.sentAt.toISOString()),
      calls.map((call) => call.call),
    ],
  );
}

/** Returns what row and status table show: the provider's words, or why there are none. */
function messageOf({ finding, reply }: RecordedCall): string | null {
  if (finding !== null) return finding;
  if (reply.kind !== 'answered') return reply.error;
  return reply.message ?? (reply.unread === null ? null : `the answer can't be read: ${reply.unread}`);
}

/** SQL: the record, and what is shown of it, stay as they were. */
const SAYS_NOTHING = `(i.outcome in ('stop_run', 'held') or i.call = 'plans' and i.outcome not in ${SUCCESS_LIST})`;

/**
 * SQL for the class a call gives. A later call (`--again`) without an answer does not undo a success that the ledger
 * holds. A call that surely was not processed says nothing about an earlier one that may have been: the record stays
 * ambiguous.
 */
const NEW_STATUS = `case when ${SAYS_NOTHING} then e.prior_status
                         when e.prior_status in ${SUCCESS_LIST} and i.outcome in ('ambiguous', 'transient') then e.prior_status
                         when i.outcome = 'transient' and e.unanswered > 0 then 'ambiguous'
                         else i.outcome end`;

const NEW_CODE = `case when ${SAYS_NOTHING} or i.call = 'plans' then e.code else i.code end`;

/** Goes with the status: what the record was held for before stays marked where the call does not change it. */
const NEW_GIVER = `case when ${SAYS_NOTHING} then e.class_given_by
                        when e.prior_status in ${SUCCESS_LIST} and i.outcome in ('ambiguous', 'transient') then e.class_given_by
                        when i.is_given then 'job_file' end`;

/** SQL: class or code differ from before. They date from this call then, and a person's resolution ends. */
const SAYS_ANOTHER = `((${NEW_STATUS}, ${NEW_CODE}) is distinct from (e.prior_status, e.code))`;

const RECORD_CALLS = `
with fence as (select run_no, night from run where run_no = $1 and epoch = $2 for share),
i as (
  select * from unnest($3::bigint[], $4::integer[], $5::text[], $6::timestamptz[], $7::real[], $8::text[], $9::integer[], $10::text[],
                       $11::text[], $12::text[], $13::text[], $14::text[], $15::boolean[], $16::text[], $17::text[], $18::boolean[], $19::timestamptz[])
    as i(record_no, row_no, correlation_id, sent_at, latency_ms, reply_kind, http_status, code, message, raw_reply,
         error, outcome, settled, call, answer_correlation_id, is_given, steady_at)),
recorded as (
  update enrollment e
  set status = ${NEW_STATUS},
      prior_status = null, sending_at = null, sending_correlation_id = null, sending_call = null,
      claim_run_no = case when i.settled then null else e.claim_run_no end,
      claim_row_no = case when i.settled then null else e.claim_row_no end,
      code = ${NEW_CODE},
      class_given_by = ${NEW_GIVER},
      since = case when ${SAYS_ANOTHER} then i.sent_at else e.since end,
      resolution_no = case when ${SAYS_ANOTHER} then null else e.resolution_no end,
      last_run_no = fence.run_no,
      message = case when ${SAYS_NOTHING} then e.message else i.message end,
      http_status = case when ${SAYS_NOTHING} or i.call = 'plans' then e.http_status else i.http_status end,
      correlation_id = case when i.call = 'plans' then e.correlation_id else i.correlation_id end,
      attempts = e.attempts + (i.call = 'register')::integer,
      unanswered = case when ${SAYS_NOTHING} then e.unanswered
                        when i.outcome in ${SUCCESS_LIST} then 0
                        else e.unanswered + (i.outcome = 'ambiguous')::integer end,
      nights = case when ${SAYS_NOTHING} then e.nights
                    when i.outcome in ${COMES_AGAIN_LIST}
                      then e.nights + (e.last_night is distinct from fence.night or e.nights = 0)::integer
                    else 0 end,
      last_night = case when ${SAYS_NOTHING} then e.last_night else fence.night end,
      first_attempt_at = coalesce(e.first_attempt_at, i.sent_at),
      last_attempt_at = case when i.call = 'plans' then e.last_attempt_at else i.sent_at end,
      first_success_at = case when i.outcome in ${SUCCESS_LIST} then coalesce(e.first_success_at, i.sent_at)
                              else e.first_success_at end,
      first_success_run_no = case when i.outcome in ${SUCCESS_LIST} then coalesce(e.first_success_run_no, fence.run_no)
                                  else e.first_success_run_no end,
      recorded_at = clock_timestamp()
  from i, fence
  where e.record_no = i.record_no and e.status = 'sending' and e.claim_run_no = fence.run_no
    and e.sending_correlation_id = i.correlation_id
  returning e.record_no, e.nights, e.unanswered, e.resolution_no),
noted as (
  insert into attempt (run_no, row_no, record_no, night, correlation_id, sent_at, latency_ms, reply_kind, http_status, code,
                       message, raw_reply, error, outcome, call, answer_correlation_id, steady_at)
  select fence.run_no, i.row_no, i.record_no, fence.night, i.correlation_id, i.sent_at, i.latency_ms, i.reply_kind,
         i.http_status, i.code, i.message, i.raw_reply, i.error, i.outcome, i.call, i.answer_correlation_id,
         i.steady_at
  from i join recorded on recorded.record_no = i.record_no, fence),
shown as (
  update list_row r
  set class = case when ${SAYS_NOTHING} then r.class
                   when i.outcome = 'transient' and recorded.unanswered > 0 then 'ambiguous'
                   else i.outcome end,
      settled = i.settled, kept = false,
      class_given_by = case when ${SAYS_NOTHING} then r.class_given_by when i.is_given then 'job_file' end,
      resolution_no = case when ${SAYS_NOTHING} then r.resolution_no else recorded.resolution_no end,
      code = case when ${SAYS_NOTHING} or i.call = 'plans' then r.code else i.code end,
      message = case when ${SAYS_NOTHING} then r.message else i.message end,
      http_status = case when ${SAYS_NOTHING} or i.call = 'plans' then r.http_status else i.http_status end,
      correlation_id = case when i.call = 'plans' then r.correlation_id else i.correlation_id end,
      attempts = r.attempts + (i.call = 'register')::integer, nights = recorded.nights,
      first_attempt_at = coalesce(r.first_attempt_at, i.sent_at),
      last_attempt_at = case when i.call = 'plans' then r.last_attempt_at else i.sent_at end
  from i join recorded on recorded.record_no = i.record_no, fence
  where r.run_no = fence.run_no and r.row_no = i.row_no)
select (select count(*) from fence)::integer as fenced, (select count(*) from recorded)::integer as recorded`;
