import { appendAudit, BY_ITSELF } from './audit-trail.ts';
import type { Ledger, Queryable } from '../ledger-port.ts';

/** Why a list is refused, for people. */
export interface KeptRefusal {
  readonly en: string;
  /** Null: known in English only. */
  readonly ko: string | null;
  /** A person who has looked at the list may let it pass. */
  readonly mayPass: boolean;
}

/** An upload whose file nobody has read yet. */
export interface UnreadUpload {
  readonly id: string;
  readonly job: string;
  readonly stored_name: string;
  readonly sha256: string;
  readonly said_yes: boolean;
}

/** Oldest first. */
export async function findUnreadUploads(on: Queryable, jobs: readonly string[]): Promise<UnreadUpload[]> {
  return await on.query<UnreadUpload>(
    `select id::text as id, job, stored_name, sha256, said_yes from desk_upload
     where state = 'received' and job = any($1::text[]) order by uploaded_at, id`,
    [jobs],
  );
}

/** `plan` is kept as it is given; `settings` is the SHA-256 of those it was found out under. */
export async function keepPlan(
  on: Queryable,
  id: string,
  { plan, settings, at }: { readonly plan: object; readonly settings: string; readonly at: Date },
): Promise<void> {
  await on.query(
    `update desk_upload set state = 'planned', plan = $2::jsonb, settings_sha256 = $3, planned_at = $4::timestamptz,
       refusal = null where id = $1::uuid and state = 'received'`,
    [id, JSON.stringify(plan), settings, at.toISOString()],
  );
}

export async function keepRefusal(
  on: Queryable,
  id: string,
  { refusal, at }: { readonly refusal: KeptRefusal; readonly at: Date },
): Promise<void> {
  await on.query(
    `update desk_upload set state = 'refused', refusal = $2::jsonb, planned_at = $3::timestamptz
     where id = $1::uuid and state = 'received'`,
    [id, JSON.stringify(refusal), at.toISOString()],
  );
}

/** The list is read once more. `saidYes`: as it is, though it is like a damaged one. Not where its run was asked for. */
export async function readOnceMore(on: Queryable, id: string, saidYes: boolean): Promise<void> {
  await on.query(
    `update desk_upload set state = 'received', said_yes = said_yes or $2
     where id = $1::uuid and state in ('planned', 'refused', 'expired') and purge_began_at is null`,
    [id, saidYes],
  );
}

/** Of plans nobody acted on: what they say is old. Returns how many. */
export async function expirePlans(
  ledger: Ledger,
  { before, at }: { readonly before: Date; readonly at: Date },
): Promise<number> {
  return await ledger.transaction(async (transaction) => {
    const expired = await transaction.query<{ id: string }>(
      `update desk_upload set state = 'expired' where state = 'planned' and planned_at < $1::timestamptz
       returning id::text as id`,
      [before.toISOString()],
    );
    for (const { id } of expired)
      await appendAudit(transaction, { at, who: BY_ITSELF, what: 'expired', uploadId: id });
    return expired.length;
  });
}
