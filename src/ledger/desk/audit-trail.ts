import { maskIdsInText } from '../../domain/identity/masking.ts';
import { onlyRow, type Queryable } from '../ledger-port.ts';

/**
 * The acts that the audit trail of the desk records. `voided` is an approval that does not hold because the ledger or
 * the settings changed.
 */
export type AuditAction =
  | 'signed_in'
  | 'signed_out'
  | 'uploaded'
  | 'planned'
  | 'approved'
  | 'refused'
  | 'withdrawn'
  | 'expired'
  | 'voided'
  | 'started'
  | 'ended'
  | 'downloaded'
  | 'settled'
  | 'purged';

/** The name in an entry about something that no person did. */
export const BY_ITSELF = 'kona-enroll';

export interface NewAuditEntry {
  readonly at: Date;
  /** The person's name from the sign-in, or BY_ITSELF. */
  readonly who: string;
  readonly what: AuditAction;
  /** The upload that the entry is about; left out where it is about none. */
  readonly uploadId?: string;
  readonly runId?: string;
  /** The entry of the access log that belongs to this entry. */
  readonly accessNo?: string;
  /** A reason or a figure. Parts that look like ids are masked. */
  readonly detail?: string;
}

const LONGEST_DETAIL = 1_000;

/**
 * Appends an entry to the chain and returns its number. Call it in the transaction that makes the change the entry
 * tells, so that neither is committed alone. Two transactions that append wait for each other until the first commits.
 */
export async function appendAudit(on: Queryable, entry: NewAuditEntry): Promise<string> {
  const { at, who, what, uploadId = null, runId = null, accessNo = null, detail } = entry;
  const kept = detail === undefined ? null : maskIdsInText(detail).slice(0, LONGEST_DETAIL);
  const rows = await on.query<{ entry_no: string }>(
    `with entry as (
       select $1::timestamptz as at, $2::text as who, $3::text as what, $4::uuid as upload_id, $5::text as run_id,
              $6::bigint as access_no, $7::text as detail),
     linked as (
       insert into audit_chain as chain (last_no, last_hash)
       select 1, audit_hash('', 1, at, who, what, upload_id, run_id, access_no, detail) from entry
       on conflict (is_only) do update set last_no = chain.last_no + 1,
         last_hash = audit_hash(chain.last_hash, chain.last_no + 1, $1::timestamptz, $2, $3, $4, $5, $6, $7)
       returning last_no, last_hash)
     insert into audit_entry (entry_no, at, who, what, upload_id, run_id, access_no, detail, hash)
     select last_no, at, who, what, upload_id, run_id, access_no, detail, last_hash from linked, entry
     returning entry_no`,
    [at.toISOString(), who, what, uploadId, runId, accessNo, kept],
  );
  return onlyRow(rows).entry_no;
}

export interface AuditRow {
  /** An int8 as text. */
  readonly entry_no: string;
  readonly at: Date;
  readonly who: string;
  readonly what: AuditAction;
  readonly upload_id: string | null;
  readonly run_id: string | null;
  readonly access_no: string | null;
  readonly detail: string | null;
  /** The SHA-256, in hex, over the previous entry's hash and this entry. */
  readonly hash: string;
}

/**
 * Reads entries, newest first. A null `since` sets no bound on their age, and a null `limit` none on their number.
 * `uploadId` restricts them to one upload.
 */
export async function readAuditTrail(
  on: Queryable,
  asked: { readonly since: Date | null; readonly limit: number | null; readonly uploadId?: string },
): Promise<AuditRow[]> {
  return await on.query<AuditRow>(
    `select entry_no, at, who, what, upload_id, run_id, access_no, detail, hash from audit_entry
     where ($1::timestamptz is null or at >= $1::timestamptz) and ($3::uuid is null or upload_id = $3::uuid)
     order by entry_no desc limit $2::integer`,
    [asked.since?.toISOString() ?? null, asked.limit, asked.uploadId ?? null],
  );
}
