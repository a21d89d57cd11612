import type { ExitCause } from '../../domain/exit-cause.ts';
import type { ExitCode } from '../../domain/exit-code.ts';
import type { VoidedPlan } from './approval-table.ts';
import type { Queryable } from '../ledger-port.ts';
import type { DeskPerson } from './audit-trail.ts';
import type { KeptRefusal } from './upload-plans.ts';

/** The states of an upload. Migration 0036 holds the same list. */
export type UploadState =
  /** The whole file has arrived, and nobody has read it yet. */
  | 'received'
  /** The file was read, and the plan of its run is known. */
  | 'planned'
  /** The file can't be read as a list, or not under the settings of its job. */
  | 'refused'
  /** A person asked for the run. */
  | 'asked'
  | 'running'
  /** The run has ended, complete or not. */
  | 'ended'
  | 'withdrawn'
  /** Nobody asked for the run in time. */
  | 'expired'
  /** The person who was to approve the upload declined it. */
  | 'declined';

export interface NewUpload {
  readonly id: string;
  readonly job: string;
  /** The file's name on the person's machine, cleaned. */
  readonly fileName: string;
  /** The file's name in the folder of the upload. */
  readonly storedName: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly by: DeskPerson;
  readonly at: Date;
  /** True where somebody else has to approve the upload before its run. */
  readonly needsApproval: boolean;
  /** An absolute path; the file lies below it. */
  readonly reportsDirectory: string;
  /** The machine on whose disk the file lies. */
  readonly host: string;
}

export interface UploadRow {
  readonly id: string;
  readonly job: string;
  readonly file_name: string;
  readonly stored_name: string;
  readonly sha256: string;
  /** An int8 as text. */
  readonly bytes: string;
  readonly uploaded_by: string;
  /** Null where the sign-in told no account. */
  readonly uploaded_account: string | null;
  readonly uploaded_at: Date;
  readonly state: UploadState;
  readonly said_yes: boolean;
  /** Null until the file is read. It has the form that the caller of `keepPlan` gave it. */
  readonly plan: unknown;
  /** The SHA-256 of the settings under which the list was planned. */
  readonly settings_sha256: string | null;
  readonly planned_at: Date | null;
  readonly refusal: KeptRefusal | null;
  readonly needs_approval: boolean;
  /** The person whose approval is in force, or allowed the run. */
  readonly approved_by: string | null;
  readonly approved_at: Date | null;
  /** The reason why the last plan or approval does not hold any more. */
  readonly voided: VoidedPlan | null;
  readonly declined_by: string | null;
  readonly declined_reason: string | null;
  readonly request: string | null;
  readonly asked_by: string | null;
  readonly asked_at: Date | null;
  readonly begun_at: Date | null;
  /** The last run of the upload; null where that has not begun, or where the ledger has forgotten it. */
  readonly run_no: number | null;
  readonly run_id: string | null;
  readonly ended_at: Date | null;
  readonly exit_code: ExitCode | null;
  readonly exit_cause: ExitCause | null;
  readonly exit_reason: string | null;
  /** The machine on which the file arrived; null where that is not known. */
  readonly host: string | null;
  /** The time at which the file was deleted and personal data removed from the row. */
  readonly purged_at: Date | null;
}

const columns = `u.id::text as id, u.job, u.file_name, u.stored_name, u.sha256, u.bytes, u.uploaded_by, u.uploaded_account, u.uploaded_at,
  u.state, u.said_yes, u.plan, u.settings_sha256, u.planned_at, u.refusal,
  u.needs_approval, u.approved_by, u.approved_at, u.voided, u.declined_by, u.declined_reason, u.request::text as request, u.asked_by, u.asked_at, u.begun_at,
  u.run_no, r.id as run_id, u.ended_at, u.exit_code, u.exit_cause, u.exit_reason, u.host, u.purged_at`;
const source = 'desk_upload u left join run r on r.run_no = u.run_no';

export async function noteUpload(on: Queryable, upload: NewUpload): Promise<void> {
  const { id, job, fileName, storedName, sha256, bytes, by, at, needsApproval, reportsDirectory, host } =
    upload;
  await on.query(
    `insert into desk_upload (id, job, file_name, stored_name, sha256, bytes, uploaded_by, uploaded_at, state, needs_approval,
                              reports_directory, host, uploaded_account)
     values ($1::uuid, $2, $3, $4, $5, $6, $7, $8::timestamptz, 'received', $9, $10, $11, $12)`,
    [
      id,
      job,
      fileName,
      storedName,
      sha256,
      bytes,
      by.name,
      at.toISOString(),
      needsApproval,
      reportsDirectory,
      host,
      by.account,
    ],
  );
}

/**
 * Returns whether the person uploaded the list: by their account where one is known of both, else by their address. An
 * address may have been given to somebody else.
 */
export function isUploader(
  upload: Pick<UploadRow, 'uploaded_by' | 'uploaded_account'>,
  { name, account }: DeskPerson,
): boolean {
  return upload.uploaded_account === null || account === null
    ? upload.uploaded_by === name
    : upload.uploaded_account === account;
}

/**
 * Returns whether the person may decide about the upload where it needs an approval: neither their address nor their
 * account uploaded it. The ledger holds the same rule.
 */
export function mayDecide(
  upload: Pick<UploadRow, 'uploaded_by' | 'uploaded_account'>,
  { name, account }: DeskPerson,
): boolean {
  const { uploaded_by: uploader, uploaded_account: theirs } = upload;
  return uploader !== name && (theirs === null || (account !== null && theirs !== account));
}

/** Returns null where no upload has this id. */
export async function readUpload(on: Queryable, id: string): Promise<UploadRow | null> {
  const rows = await on.query<UploadRow>(`select ${columns} from ${source} where u.id = $1::uuid`, [id]);
  return rows[0] ?? null;
}

/** Returns the id of the upload that a run came of; null where it came of none. */
export async function findUploadOfRun(on: Queryable, runNo: number): Promise<string | null> {
  const rows = await on.query<{ id: string }>('select id::text as id from desk_upload where run_no = $1', [
    runNo,
  ]);
  return rows[0]?.id ?? null;
}

/** Reads the latest uploads of these jobs, newest first, at most `most`. */
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

/** Returns those of the ids that the ledger knows. */
export async function findKnownUploads(on: Queryable, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await on.query<{ id: string }>(
    'select id::text as id from desk_upload where id = any($1::uuid[])',
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Another upload of the same bytes. */
export interface SameFile {
  readonly id: string;
  readonly state: UploadState;
  readonly uploaded_by: string;
  readonly uploaded_at: Date;
}

/** Returns the newest earlier upload of the same file for the same job of which something came or still may come. */
export async function findSameFile(
  on: Queryable,
  { id, job, sha256, uploaded_at: at }: Pick<UploadRow, 'id' | 'job' | 'sha256' | 'uploaded_at'>,
): Promise<SameFile | null> {
  const [found] = await on.query<SameFile>(
    `select id::text as id, state, uploaded_by, uploaded_at from desk_upload
     where sha256 = $1 and job = $2 and id <> $3::uuid and uploaded_at <= $4::timestamptz
       and state in ('received', 'planned', 'asked', 'running', 'ended')
     order by uploaded_at desc, id limit 1`,
    [sha256, job, id, at.toISOString()],
  );
  return found ?? null;
}
