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
  readonly file_name: string;
  readonly stored_name: string;
  readonly sha256: string;
  /** The machine on which the file arrived; null: not known. */
  readonly host: string | null;
  readonly said_yes: boolean;
}

/** Oldest first. */
export async function findUnreadUploads(on: Queryable, jobs: readonly string[]): Promise<UnreadUpload[]> {
  return await on.query<UnreadUpload>(
    `select id::text as id, job, file_name, stored_name, sha256, host, said_yes from desk_upload
     where state = 'received' and job = any($1::text[]) order by uploaded_at, id`,
    [jobs],
  );
}

/** What a run would do, as it is kept. */
export interface NewPlan {
  readonly plan: { readonly plan: { readonly due: number } };
  /** The SHA-256 of the settings under which it was found out. */
  readonly settings: string;
  readonly at: Date;
}

/** Keeps the plan of an upload that is still to be read. */
export async function keepPlan(ledger: Ledger, id: string, { plan, settings, at }: NewPlan): Promise<void> {
  await ledger.transaction(async (transaction) => {
    const kept = await transaction.query(
      `update desk_upload set state = 'planned', plan = $2::jsonb, settings_sha256 = $3, planned_at = $4::timestamptz,
         refusal = null where id = $1::uuid and state = 'received' returning 1`,
      [id, JSON.stringify(plan), settings, at.toISOString()],
    );
    if (kept.length === 0) return;
    const detail = `${plan.plan.due} to call`;
    await appendAudit(transaction, { at, who: BY_ITSELF, what: 'planned', uploadId: id, detail });
  });
}

/** Keeps why an upload that is still to be read is refused; `reason` is a word for the trail, in which no cell stands. */
export async function keepRefusal(
  ledger: Ledger,
  id: string,
  { refusal, reason, at }: { readonly refusal: KeptRefusal; readonly reason: string; readonly at: Date },
): Promise<void> {
  await ledger.transaction(async (transaction) => {
    const kept = await transaction.query(
      `update desk_upload set state = 'refused', refusal = $2::jsonb, planned_at = $3::timestamptz
       where id = $1::uuid and state = 'received' returning 1`,
      [id, JSON.stringify(refusal), at.toISOString()],
    );
    if (kept.length === 0) return;
    await appendAudit(transaction, { at, who: BY_ITSELF, what: 'refused', uploadId: id, detail: reason });
  });
}

/** The list is read once more. `saidYes`: as it is, though it is like a damaged one. Not where its run was asked for. */
export async function readOnceMore(on: Queryable, id: string, saidYes: boolean): Promise<void> {
  await on.query(
    `update desk_upload set state = 'received', said_yes = said_yes or $2
     where id = $1::uuid and state in ('planned', 'refused', 'expired') and purge_began_at is null`,
    [id, saidYes],
  );
}

/**
 * As readOnceMore, because the settings in force (`settings`, their SHA-256) are not those of the plan any more. Its page
 * says so until its run is asked for.
 */
export async function readUnderOtherSettings(on: Queryable, id: string, settings: string): Promise<void> {
  await on.query(
    `update desk_upload
     set state = 'received',
         voided = jsonb_build_object(
           'why', 'plan_settings', 'after', null,
           'before', jsonb_build_object('classes', plan->'plan'->'classes', 'due', plan->'plan'->'due'))
     where id = $1::uuid and state = 'planned' and settings_sha256 <> $2`,
    [id, settings],
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
