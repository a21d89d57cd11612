import { maskIdsInText } from '../../domain/identity/masking.ts';
import { onlyRow, type Queryable } from '../ledger-port.ts';

/** What somebody did at the upload desk; `voided`: an approval that the ledger or the file outran. */
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

/** Who an entry names where no person did it. */
export const BY_ITSELF = 'kona-enroll';

export interface NewAuditEntry {
  readonly at: Date;
  /** The person as the sign-in tells it, or BY_ITSELF. */
  readonly who: string;
  readonly what: AuditAction;
  /** what it is about; left out: nothing of the kind. */
  readonly uploadId?: string;
  readonly runId?: string;
  /** The entry of the access log that goes with it. */
  readonly accessNo?: string;
  /** A reason or a figure; what looks like an id is masked. */
  readonly detail?: string;
}

const LONGEST_DETAIL = 1_000;

/**
 * Appends an entry to the chain and returns its number. Call it inside the transaction of what it tells: two that
 * append wait for each other until the commit, and one without the other is never seen.
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
  /** int8 as text. */
  readonly entry_no: string;
  readonly at: Date;
  readonly who: string;
  readonly what: AuditAction;
  readonly upload_id: string | null;
  readonly run_id: string | null;
  readonly access_no: string | null;
  readonly detail: string | null;
  /** SHA-256 over the hash of the entry before and this one, in hex. */
  readonly hash: string;
}

/** Newest first. `since` null: however old; `limit` null: all of them; `uploadId`: only what is about this upload. */
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
