import type { ExitCause } from '../../domain/exit-cause.ts';
import type { ExitCode } from '../../domain/exit-code.ts';
import type { VoidedPlan } from './approval-table.ts';
import type { Queryable } from '../ledger-port.ts';
import type { KeptRefusal } from './upload-plans.ts';

/** What has become of an upload. Migration 0036 holds the same list. */
export type UploadState =
  /** The file lies here whole; nobody has read it yet. */
  | 'received'
  /** It was read, and what a run would do is known. */
  | 'planned'
  /** It can't be read as a list, or not under the settings of its job. */
  | 'refused'
  /** A person asked for its run. */
  | 'asked'
  | 'running'
  /** Its run came to an end, complete or not. */
  | 'ended'
  | 'withdrawn'
  /** Nobody asked for its run in time. */
  | 'expired'
  /** Somebody who was to approve it said no. */
  | 'declined';

export interface NewUpload {
  readonly id: string;
  readonly job: string;
  /** As the person's machine calls it, cleaned. */
  readonly fileName: string;
  /** As it is called in its folder. */
  readonly storedName: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly by: string;
  readonly at: Date;
  /** Somebody else has to approve it before its run. */
  readonly needsApproval: boolean;
  /** Absolute; the file lies below it. */
  readonly reportsDirectory: string;
  /** The machine on which it does. */
  readonly host: string;
}

export interface UploadRow {
  readonly id: string;
  readonly job: string;
  readonly file_name: string;
  readonly stored_name: string;
  readonly sha256: string;
  /** int8 as text. */
  readonly bytes: string;
  readonly uploaded_by: string;
  readonly uploaded_at: Date;
  readonly state: UploadState;
  readonly said_yes: boolean;
  /** Null until it was read; as whoever kept it made it. */
  readonly plan: unknown;
  /** SHA-256 of the settings under which it was planned. */
  readonly settings_sha256: string | null;
  readonly planned_at: Date | null;
  readonly refusal: KeptRefusal | null;
  readonly needs_approval: boolean;
  /** The approval in force, or under which the run was made. */
  readonly approved_by: string | null;
  readonly approved_at: Date | null;
  /** Why the plan or the approval before does not hold any more. */
  readonly voided: VoidedPlan | null;
  readonly declined_by: string | null;
  readonly declined_reason: string | null;
  readonly request: string | null;
  readonly asked_by: string | null;
  readonly asked_at: Date | null;
  readonly begun_at: Date | null;
  /** Its last run; null until that has begun, and where the ledger has forgotten it. */
  readonly run_no: number | null;
  readonly run_id: string | null;
  readonly ended_at: Date | null;
  readonly exit_code: ExitCode | null;
  readonly exit_cause: ExitCause | null;
  readonly exit_reason: string | null;
  /** The machine on which its file arrived; null: not known. */
  readonly host: string | null;
  /** When its file was deleted and its row lost what is personal. */
  readonly purged_at: Date | null;
}

const columns = `u.id::text as id, u.job, u.file_name, u.stored_name, u.sha256, u.bytes, u.uploaded_by, u.uploaded_at,
  u.state, u.said_yes, u.plan, u.settings_sha256, u.planned_at, u.refusal,
  u.needs_approval, u.approved_by, u.approved_at, u.voided, u.declined_by, u.declined_reason, u.request::text as request, u.asked_by, u.asked_at, u.begun_at,
  u.run_no, r.id as run_id, u.ended_at, u.exit_code, u.exit_cause, u.exit_reason, u.host, u.purged_at`;
const source = 'desk_upload u left join run r on r.run_no = u.run_no';

export async function noteUpload(on: Queryable, upload: NewUpload): Promise<void> {
  const { id, job, fileName, storedName, sha256, bytes, by, at, needsApproval, reportsDirectory, host } =
    upload;
  await on.query(
    `insert into desk_upload (id, job, file_name, stored_name, sha256, bytes, uploaded_by, uploaded_at, state, needs_approval,
                              reports_directory, host)
     values ($1::uuid, $2, $3, $4, $5, $6, $7, $8::timestamptz, 'received', $9, $10, $11)`,
    [
      id,
      job,
      fileName,
      storedName,
      sha256,
      bytes,
      by,
      at.toISOString(),
      needsApproval,
      reportsDirectory,
      host,
    ],
  );
}

/** Null: there is none. */
export async function readUpload(on: Queryable, id: string): Promise<UploadRow | null> {
  const rows = await on.query<UploadRow>(`select ${columns} from ${source} where u.id = $1::uuid`, [id]);
  return rows[0] ?? null;
}

/** Newest first, at most so many. */
export async function readUploads(
  on: Queryable,
  jobs: readonly string[],
  most: number,
): Promise<UploadRow[]> {
  return await on.query<UploadRow>(
    `select ${columns} from ${source} where u.job = any($1::text[]) order by u.uploaded_at desc, u.id limit $2`,
    [jobs, most],
  );
}

/** Those of these ids that the ledger knows. */
export async function findKnownUploads(on: Queryable, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await on.query<{ id: string }>(
    'select id::text as id from desk_upload where id = any($1::uuid[])',
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}
