import { maskIdsInText } from '../../domain/identity/masking.ts';
import { onlyRow, type Queryable } from '../ledger-port.ts';

/**
 * The acts that the audit trail of the desk records. `voided` is an approval that does not hold because the ledger or
 * the settings changed.
 */
export type AuditAction =
  | 'signed_in'
  | 'signed_out'
  /** A session that was not signed out of in its own browser. */
  | 'session_ended'
  | 'sign_in_refused'
  /** Somebody asked for what their role, or their part in an upload, does not allow. */
  | 'not_allowed'
  | 'uploaded'
  /** A person confirmed that a list that looks damaged is right. */
  | 'let_pass'
  | 'read_again'
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

/** A person at the desk, as the ledger knows them. */
export interface DeskPerson {
  /** The e-mail address in lower case, or the user's name where nobody signs in. */
  readonly name: string;
  /**
   * The account at the sign-in's provider: its issuer, `#`, and `sub`. It stays when the address changes. Null where the
   * sign-in tells none.
   */
  readonly account: string | null;
}

/** Returns the part of an entry that says which person did it. */
export function byPerson({ name, account }: DeskPerson): Pick<NewAuditEntry, 'who' | 'account'> {
  return { who: name, account };
}

export interface NewAuditEntry {
  readonly at: Date;
  /** The person's name from the sign-in, or BY_ITSELF. */
  readonly who: string;
  /** The person's account; left out where there is none. */
  readonly account?: string | null;
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
  const { at, who, account = null, what, uploadId = null, runId = null, accessNo = null, detail } = entry;
  const kept = detail === undefined ? null : maskIdsInText(detail).slice(0, LONGEST_DETAIL);
  const rows = await on.query<{ entry_no: string }>(
    `select append_audit($1::timestamptz, $2::text, $3::text, $4::uuid, $5::text, $6::bigint, $7::text, $8::text)
       as entry_no`,
    [at.toISOString(), who, what, uploadId, runId, accessNo, kept, account],
  );
  return onlyRow(rows).entry_no;
}

export interface AuditRow {
  /** An int8 as text. */
  readonly entry_no: string;
  readonly at: Date;
  readonly who: string;
  /** Null where the sign-in told none, and in entries of earlier versions. */
  readonly account: string | null;
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
    `select entry_no, at, who, account, what, upload_id, run_id, access_no, detail, hash from audit_entry
     where ($1::timestamptz is null or at >= $1::timestamptz) and ($3::uuid is null or upload_id = $3::uuid)
     order by entry_no desc limit $2::integer`,
    [asked.since?.toISOString() ?? null, asked.limit, asked.uploadId ?? null],
  );
}
