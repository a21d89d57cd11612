import type { ExitCause } from '../../domain/exit-cause.ts';
import type { ExitCode } from '../../domain/exit-code.ts';
import { appendAudit, BY_ITSELF, byPerson, type DeskPerson } from './audit-trail.ts';
import type { KeptRefusal } from './upload-plans.ts';
import type { Ledger, Queryable } from '../ledger-port.ts';
import { UNFINISHED_LIST } from '../sql-lists.ts';

/**
 * Asks for the run of an upload that is planned and needs no approval, or whose last run did not begin or can go on.
 * Returns false where the upload is in neither state, somebody else was faster, a purge of the upload began, or the plan
 * was made under other settings than `settings`, the SHA-256 of those in force.
 */
export async function askForRun(
  on: Queryable,
  id: string,
  { by, at, settings }: { readonly by: DeskPerson; readonly at: Date; readonly settings: string },
): Promise<boolean> {
  const asked = await on.query(
    `update desk_upload u
     set state = 'asked', request = gen_random_uuid(), asked_by = $2, asked_account = $5, asked_at = $3::timestamptz,
         begun_at = null,
         voided = null, run_no = null, ended_at = null, exit_code = null, exit_cause = null, exit_reason = null
     where id = $1::uuid and settings_sha256 = $4 and purge_began_at is null and ((state = 'planned' and not needs_approval) or (state = 'ended' and (run_no is null
       or exists (select from run r where r.run_no = u.run_no and r.state in ${UNFINISHED_LIST}))))
     returning id`,
    [id, by.name, at.toISOString(), settings, by.account],
  );
  return asked.length === 1;
}

/** Withdraws an upload before its run begins. Returns false where it is too late. */
export async function withdrawUpload(on: Queryable, id: string): Promise<boolean> {
  const withdrawn = await on.query(
    `update desk_upload set state = 'withdrawn'
     where id = $1::uuid and state in ('received', 'planned', 'refused', 'asked', 'expired') returning id`,
    [id],
  );
  return withdrawn.length === 1;
}

/** Finds the job's requests that are not over, oldest first. */
export async function findOpenRequests(on: Queryable, job: string): Promise<string[]> {
  const rows = await on.query<{ request: string }>(
    `select request::text as request from desk_upload
     where job = $1 and state in ('asked', 'running') order by asked_at, id`,
    [job],
  );
  return rows.map(({ request }) => request);
}

/** A request for the run of an upload, as the process that makes the run needs it. */
export interface UploadRequest {
  readonly id: string;
  readonly file_name: string;
  readonly stored_name: string;
  readonly sha256: string;
  readonly said_yes: boolean;
  /** The number of rows that the plan counted; null where the plan has no count. */
  readonly rows: number | null;
  readonly state: 'asked' | 'running';
  /** The exit code of this request's run; null where the run has not ended or has not begun. */
  readonly exit_code: ExitCode | null;
  readonly exit_cause: ExitCause | null;
  readonly exit_reason: string | null;
}

/** Returns null where the request is over, was withdrawn, or is not for an upload. */
export async function findUploadRequest(on: Queryable, request: string): Promise<UploadRequest | null> {
  const rows = await on.query<UploadRequest>(
    `select u.id::text as id, u.file_name, u.stored_name, u.sha256, u.said_yes, u.state,
            (u.plan->'plan'->'list'->>'rowsRead')::integer as rows, r.exit_code, r.exit_cause, r.exit_reason
     from desk_upload u left join run r on r.run_no = u.run_no
     where u.request = $1::uuid and u.state in ('asked', 'running')`,
    [request],
  );
  return rows[0] ?? null;
}

/**
 * Notes that the run of an upload begins. Returns false where the request was withdrawn or is over. A request that a
 * dead worker had begun goes on.
 */
export async function beginUpload(ledger: Ledger, request: string, at: Date): Promise<boolean> {
  return await ledger.transaction(async (transaction) => {
    const [found] = await transaction.query<DeskPerson & { id: string; state: string }>(
      `select id::text as id, state, asked_by as name, asked_account as account from desk_upload
       where request = $1::uuid and state in ('asked', 'running') for update`,
      [request],
    );
    if (found === undefined) return false;
    if (found.state === 'running') return true;
    await transaction.query(
      `update desk_upload set state = 'running', begun_at = $2::timestamptz where request = $1::uuid`,
      [request, at.toISOString()],
    );
    await appendAudit(transaction, { at, ...byPerson(found), what: 'started', uploadId: found.id });
    return true;
  });
}

export async function noteUploadRun(on: Queryable, request: string, runNo: number): Promise<void> {
  await on.query(`update desk_upload set run_no = $2 where request = $1::uuid and state = 'running'`, [
    request,
    runNo,
  ]);
}

export interface UploadEnd {
  readonly exitCode: ExitCode;
  readonly exitCause: ExitCause;
  readonly reason: string | null;
  /** The reason in Korean, where it is known. */
  readonly korean: string | null;
}

export async function endUpload(
  ledger: Ledger,
  request: string,
  { end: { exitCode, exitCause, reason, korean }, at }: { readonly end: UploadEnd; readonly at: Date },
): Promise<void> {
  await ledger.transaction(async (transaction) => {
    const [ended] = await transaction.query<{ id: string; run_id: string | null }>(
      `update desk_upload u
       set state = 'ended', ended_at = $2::timestamptz, exit_code = $3, exit_cause = $4, exit_reason = $5,
         refusal = $6::jsonb
       where request = $1::uuid and state = 'running'
       returning u.id::text as id, (select r.id from run r where r.run_no = u.run_no) as run_id`,
      [request, at.toISOString(), exitCode, exitCause, reason, JSON.stringify(refusalOf(reason, korean))],
    );
    if (ended === undefined) return;
    const about = { uploadId: ended.id, ...(ended.run_id === null ? {} : { runId: ended.run_id }) };
    const detail = `exit ${exitCode} (${exitCause})`;
    await appendAudit(transaction, { at, who: BY_ITSELF, what: 'ended', ...about, detail });
  });
}

/** Returns a run's refusal in both languages; null where its reason exists in English only. */
function refusalOf(reason: string | null, korean: string | null): KeptRefusal | null {
  return reason === null || korean === null ? null : { en: reason, ko: korean, mayPass: false };
}
