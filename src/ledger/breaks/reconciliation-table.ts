import type { ExitCause, ExitDecision } from '../../domain/exit-cause.ts';
import type { ExitCode } from '../../domain/exit-code.ts';
import type { UserId } from '../../domain/identity/user-id.ts';
import type { ReconciliationState } from '../../domain/reconciliation/reconciliation-state.ts';
import { CLOSED_RECONCILIATION_LIST, UNFINISHED_RECONCILIATION_LIST } from '../sql-lists.ts';
import { onlyRow, type Queryable } from '../ledger-port.ts';

/** A reconciliation with the provider as the table holds it. */
export interface ReconciliationRow {
  readonly reconciliation_no: number;
  readonly id: string;
  readonly job: string;
  readonly provider: string;
  /** How many members; null: every member. */
  readonly sample: number | null;
  readonly state: ReconciliationState;
  /** Null until all of them are staged. */
  readonly members: number | null;
  readonly started_at: Date;
}

const columns = 'reconciliation_no, id, job, provider, sample, state, members, started_at';

export interface NewReconciliation {
  readonly id: string;
  readonly job: string;
  readonly provider: string;
  readonly sample: number | null;
  readonly settings: unknown;
  readonly startedAt: Date;
}

/** Creates a reconciliation in state staging. */
export async function createReconciliation(
  on: Queryable,
  reconciliation: NewReconciliation,
): Promise<ReconciliationRow> {
  const rows = await on.query<ReconciliationRow>(
    `insert into reconciliation (id, job, provider, sample, state, settings, started_at)
     values ($1, $2, $3, $4, 'staging', $5::jsonb, $6::timestamptz) returning ${columns}`,
    [
      reconciliation.id,
      reconciliation.job,
      reconciliation.provider,
      reconciliation.sample,
      JSON.stringify(reconciliation.settings),
      reconciliation.startedAt.toISOString(),
    ],
  );
  return onlyRow(rows);
}

/** Finds the job's reconciliation that can be continued. A unique index lets in at most one. */
export async function findUnfinishedReconciliation(
  on: Queryable,
  job: string,
): Promise<ReconciliationRow | null> {
  const rows = await on.query<ReconciliationRow>(
    `select ${columns} from reconciliation where job = $1 and state in ${UNFINISHED_RECONCILIATION_LIST}`,
    [job],
  );
  return rows[0] ?? null;
}

export interface ReconciliationEndRow {
  readonly state: ReconciliationState;
  readonly exit_code: ExitCode | null;
  readonly exit_cause: ExitCause | null;
  readonly exit_reason: string | null;
  readonly finished_at: Date | null;
}

/** Returns how the reconciliation with this id ended; null where there is none. */
export async function findReconciliationEnd(on: Queryable, id: string): Promise<ReconciliationEndRow | null> {
  const rows = await on.query<ReconciliationEndRow>(
    'select state, exit_code, exit_cause, exit_reason, finished_at from reconciliation where id = $1',
    [id],
  );
  return rows[0] ?? null;
}

export async function readReconciliation(on: Queryable, no: number): Promise<ReconciliationRow> {
  return onlyRow(
    await on.query<ReconciliationRow>(`select ${columns} from reconciliation where reconciliation_no = $1`, [
      no,
    ]),
  );
}

/** Members staged at a time; statements of the embedded ledger block our own thread. */
const STAGED_AT_ONCE = 20_000;

/**
 * Adds the next members, in the order of their user ids, behind those that are there. It takes every member of the
 * provider with a record that was called before. Returns how many it added; 0: all are there.
 */
export async function stageNextMembers(
  on: Queryable,
  { reconciliation_no: no }: ReconciliationRow,
): Promise<number> {
  const rows = await on.query<{ staged: number }>(
    `with next as (
       select distinct e.user_id from enrollment e
       where e.provider = (select provider from reconciliation where reconciliation_no = $1) and ${WAS_CALLED}
         and e.user_id > coalesce((select max(user_id) from reconciliation_member where reconciliation_no = $1), '')
       order by e.user_id limit $2),
     staged as (
       insert into reconciliation_member (reconciliation_no, member_no, user_id)
       select $1, row_number() over (order by user_id)
                + coalesce((select max(member_no) from reconciliation_member where reconciliation_no = $1), 0), user_id
       from next returning 1)
     select count(*)::integer as staged from staged`,
    [no, STAGED_AT_ONCE],
  );
  return onlyRow(rows).staged;
}

/** SQL: a call of ours for the record was answered, lost, or is under way. */
const WAS_CALLED = `(e.first_attempt_at is not null or e.first_success_at is not null or e.status <> 'pending')`;

/**
 * Draws the sample: the members whose hash with the reconciliation's number comes first. So each reconciliation has
 * another sample, and drawing one again gives the same members.
 */
export async function stageSample(
  on: Queryable,
  { reconciliation_no: no }: ReconciliationRow,
): Promise<void> {
  await on.query('delete from reconciliation_member where reconciliation_no = $1', [no]);
  await on.query(
    `insert into reconciliation_member (reconciliation_no, member_no, user_id)
     select $1, row_number() over (order by user_id), user_id
     from (select distinct e.user_id, md5(concat_ws(':', e.user_id, $1::integer)) as hash, r.sample
           from enrollment e join reconciliation r on r.reconciliation_no = $1
           where e.provider = r.provider and ${WAS_CALLED}
           order by hash, e.user_id limit (select sample from reconciliation where reconciliation_no = $1)) as drawn`,
    [no],
  );
}

/** Keeps that all members are staged, so that the calls may begin. */
export async function noteStaged(on: Queryable, no: number): Promise<void> {
  await on.query(
    `update reconciliation r
     set state = 'running',
         members = (select count(*) from reconciliation_member m where m.reconciliation_no = r.reconciliation_no)
     where reconciliation_no = $1`,
    [no],
  );
}

/** Keeps calls that a dead process had under way as lost. Returns how many. */
export async function settleLostInquiries(on: Queryable, no: number): Promise<number> {
  const rows = await on.query(
    `update reconciliation_call set reply_kind = 'lost', error = 'the process ended before the answer was recorded'
     where reconciliation_no = $1 and reply_kind = 'under_way' returning 1 as lost`,
    [no],
  );
  return rows.length;
}

/** An answer older than this may no longer be true. */
const ANSWERS_HOLD_DAYS = 7;

/** Continues a reconciliation. Members without an answer, or with one that is too old, are asked again. */
export async function reopenReconciliation(on: Queryable, no: number, settings: unknown): Promise<void> {
  await on.query(
    `with again as (
       update reconciliation_member set state = 'due', asked_at = null, http_status = null, code = null, correlation_id = null
       where reconciliation_no = $1
         and (state = 'unclear' or (state = 'asked' and asked_at < clock_timestamp() - make_interval(days => $2)))
       returning member_no)
     delete from reconciliation_plan p using again where p.reconciliation_no = $1 and p.member_no = again.member_no`,
    [no, ANSWERS_HOLD_DAYS],
  );
  await on.query(
    `update reconciliation
     set state = case when members is null then 'staging' else 'running' end, settings = $2::jsonb,
         exit_code = null, exit_cause = null, exit_reason = null, finished_at = null
     where reconciliation_no = $1`,
    [no, JSON.stringify(settings)],
  );
}

/** Closes a reconciliation for one that asks for other members. Its answers so far are dropped. */
export async function supersedeReconciliation(on: Queryable, no: number, at: Date): Promise<void> {
  await on.query(
    `update reconciliation set state = 'superseded', finished_at = $2::timestamptz where reconciliation_no = $1`,
    [no, at.toISOString()],
  );
  await forgetMembers(on, no);
}

/** Forgets the members of the job's earlier reconciliations, which are kept until the next one begins. */
export async function forgetEarlierMembers(on: Queryable, job: string): Promise<void> {
  await on.query(
    `delete from reconciliation_member m using reconciliation r
     where r.reconciliation_no = m.reconciliation_no and r.job = $1 and r.state in ${CLOSED_RECONCILIATION_LIST}`,
    [job],
  );
}

async function forgetMembers(on: Queryable, no: number): Promise<void> {
  await on.query('delete from reconciliation_plan where reconciliation_no = $1', [no]);
  await on.query('delete from reconciliation_member where reconciliation_no = $1', [no]);
}

export interface DueMember {
  readonly memberNo: number;
  readonly userId: UserId;
}

/** Returns the next due members, in their order. */
export async function readDueMembers(
  on: Queryable,
  no: number,
  afterMemberNo: number,
  limit: number,
): Promise<DueMember[]> {
  return await on.query<DueMember>(
    `select member_no as "memberNo", user_id as "userId" from reconciliation_member
     where reconciliation_no = $1 and state = 'due' and member_no > $2 order by member_no limit $3`,
    [no, afterMemberNo, limit],
  );
}

export interface MemberCounts {
  readonly due: number;
  readonly asked: number;
  readonly unclear: number;
}

export async function countMembers(on: Queryable, no: number): Promise<MemberCounts> {
  return onlyRow(
    await on.query<MemberCounts>(
      `select count(*) filter (where state = 'due')::integer as due, count(*) filter (where state = 'asked')::integer as asked,
              count(*) filter (where state = 'unclear')::integer as unclear
       from reconciliation_member where reconciliation_no = $1`,
      [no],
    ),
  );
}

export interface ReconciliationEnd extends ExitDecision {
  readonly finishedAt: Date;
}

export async function stopReconciliation(
  on: Queryable,
  no: number,
  { exitCode, exitCause, reason, finishedAt }: ReconciliationEnd,
): Promise<void> {
  await on.query(
    `update reconciliation set state = 'stopped', exit_code = $2, exit_cause = $3, exit_reason = $4, finished_at = $5::timestamptz
     where reconciliation_no = $1`,
    [no, exitCode, exitCause, reason, finishedAt.toISOString()],
  );
}

/** Keeps the result of a reconciliation, and forgets the answers and the members that gave one. */
export async function completeReconciliation(
  on: Queryable,
  no: number,
  { exitCode, exitCause, reason, finishedAt }: ReconciliationEnd,
  { asked, unclear }: MemberCounts,
): Promise<void> {
  await on.query(
    `update reconciliation
     set state = 'complete', exit_code = $2, exit_cause = $3, exit_reason = $4, finished_at = $5::timestamptz,
         answered = $6, unclear = $7
     where reconciliation_no = $1`,
    [no, exitCode, exitCause, reason, finishedAt.toISOString(), asked, unclear],
  );
  await on.query('delete from reconciliation_plan where reconciliation_no = $1', [no]);
  await on.query(`delete from reconciliation_member where reconciliation_no = $1 and state = 'asked'`, [no]);
}
