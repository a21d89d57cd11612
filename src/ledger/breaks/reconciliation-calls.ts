import { maskIdsInText } from '../../domain/identity/masking.ts';
import type { Par } from '../../domain/identity/par.ts';
import type { Reply } from '../../domain/outcome.ts';
import { onlyRow, type Queryable } from '../ledger-port.ts';

/** An inquiry that is about to leave. */
export interface InquiryMark {
  readonly memberNo: number;
  readonly correlationId: string;
  /** When it was signed. */
  readonly at: Date;
}

/** Where an inquiry belongs. */
export interface InquiryPlace {
  readonly reconciliationNo: number;
  /** yyyy-MM-dd */
  readonly night: string;
}

/** Marks inquiries before their bytes leave. A second time it changes nothing. */
export async function markInquiries(
  on: Queryable,
  { reconciliationNo, night }: InquiryPlace,
  marks: readonly InquiryMark[],
): Promise<void> {
  await on.query(
    `insert into reconciliation_call (correlation_id, reconciliation_no, member_no, night, sent_at)
     select i.correlation_id, $1, i.member_no, $2::date, i.at::timestamptz
     from unnest($3::text[], $4::integer[], $5::text[]) as i(correlation_id, member_no, at)
     on conflict (correlation_id) do nothing`,
    [
      reconciliationNo,
      night,
      marks.map((mark) => mark.correlationId),
      marks.map((mark) => mark.memberNo),
      marks.map((mark) => mark.at.toISOString()),
    ],
  );
}

/** Takes back marks of inquiries that did not leave after all. */
export async function unmarkInquiries(on: Queryable, correlationIds: readonly string[]): Promise<void> {
  await on.query(
    `delete from reconciliation_call where correlation_id = any($1::text[]) and reply_kind = 'under_way'`,
    [correlationIds],
  );
}

/** An inquiry that has ended. */
export interface RecordedInquiry {
  readonly memberNo: number;
  readonly correlationId: string;
  readonly sentAt: Date;
  readonly latencyMs: number;
  readonly reply: Reply;
  /** Due: the member is asked again. */
  readonly member: 'due' | 'asked' | 'unclear';
  /** All of the member's cards where `member` is asked, else none. */
  readonly pars: readonly Par[];
}

/**
 * Records calls and members in one statement and their cards in another; call it in a transaction. When the first
 * commit went unheard and it is repeated, it finds no due member, and the cards are there. A mark can be lost with a
 * primary whose standby had not received it; that call is entered anew. What was recorded before it left is then
 * unknown, so no success of the ledger is held against its answer.
 */
export async function recordInquiries(
  transaction: Queryable,
  { reconciliationNo, night }: InquiryPlace,
  calls: readonly RecordedInquiry[],
): Promise<void> {
  const answers = calls.map(({ reply }) => (reply.kind === 'answered' ? reply : null));
  await transaction.query(RECORD_INQUIRIES, [
    reconciliationNo,
    calls.map((call) => call.correlationId),
    calls.map((call) => call.memberNo),
    calls.map((call) => call.sentAt.toISOString()),
    calls.map((call) => call.latencyMs),
    calls.map((call) => call.reply.kind),
    calls.map((call) => ('httpStatus' in call.reply ? call.reply.httpStatus : null)),
    answers.map((answer) => answer?.code ?? null),
    answers.map((answer) => maskWords(answer?.message ?? answer?.unread ?? null)),
    calls.map((call) => (call.reply.kind === 'answered' ? null : maskWords(call.reply.error))),
    calls.map((call) => call.member),
    night,
  ]);
  const plans = calls.flatMap(({ memberNo, pars }) => pars.map((par) => ({ memberNo, par })));
  if (plans.length === 0) return;
  await transaction.query(
    `insert into reconciliation_plan (reconciliation_no, member_no, par)
     select $1, p.member_no, p.par from unnest($2::integer[], $3::text[]) as p(member_no, par) on conflict do nothing`,
    [reconciliationNo, plans.map((plan) => plan.memberNo), plans.map((plan) => plan.par)],
  );
}

/** Masks the answer's words, because these rows outlast what is known of the member. */
function maskWords(words: string | null): string | null {
  return words === null ? null : maskIdsInText(words);
}

const RECORD_INQUIRIES = `
  with i as (
    select * from unnest($2::text[], $3::integer[], $4::text[], $5::real[], $6::text[], $7::smallint[], $8::text[], $9::text[],
                         $10::text[], $11::text[])
      as i(correlation_id, member_no, sent_at, latency_ms, reply_kind, http_status, code, message, error, member)),
  noted as (
    insert into reconciliation_call as c (correlation_id, reconciliation_no, member_no, night, marked_at, sent_at, latency_ms,
                                          reply_kind, http_status, code, message, error)
    select i.correlation_id, $1, i.member_no, $12::date, '-infinity', i.sent_at::timestamptz, i.latency_ms, i.reply_kind,
           i.http_status, i.code, i.message, i.error
    from i
    on conflict (correlation_id) do update
    set sent_at = excluded.sent_at, latency_ms = excluded.latency_ms, reply_kind = excluded.reply_kind,
        http_status = excluded.http_status, code = excluded.code, message = excluded.message, error = excluded.error
    returning c.correlation_id, c.marked_at)
  update reconciliation_member m
  set state = i.member, http_status = i.http_status, code = i.code, correlation_id = i.correlation_id,
      asked_at = case when i.member = 'asked' then noted.marked_at end
  from i join noted on noted.correlation_id = i.correlation_id
  where m.reconciliation_no = $1 and m.member_no = i.member_no and m.state = 'due' and i.member <> 'due'`;

export interface InquiryFigures {
  readonly calls: number;
  /** Calls a second over the time in which calls were made; 0 without calls. */
  readonly perSecond: number;
}

/** Returns the figures of a whole reconciliation. More than a minute between two calls counts as a stop or a pause. */
export async function readInquiryFigures(on: Queryable, reconciliationNo: number): Promise<InquiryFigures> {
  const rows = await on.query<InquiryFigures>(
    `with gaps as (
       select extract(epoch from lead(sent_at) over (order by sent_at) - sent_at)::float8 as seconds
       from reconciliation_call where reconciliation_no = $1 and reply_kind <> 'not_sent')
     select count(*)::integer as calls,
            coalesce(count(*) / nullif(sum(case when seconds <= 60 then seconds else 1 end), 0), 0)::float8 as "perSecond"
     from gaps`,
    [reconciliationNo],
  );
  return onlyRow(rows);
}
