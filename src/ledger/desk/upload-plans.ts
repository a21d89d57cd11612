import type { Words } from '../../domain/language.ts';
import { appendAudit, BY_ITSELF, byPerson, type DeskPerson } from './audit-trail.ts';
import type { Ledger, Queryable } from '../ledger-port.ts';

/** The reason why a list is refused, in words for people. */
export interface KeptRefusal {
  readonly en: string;
  /** Null where the reason exists in English only. */
  readonly ko: string | null;
  /** True where a person may confirm that the list is right as it is. */
  readonly mayPass: boolean;
  /** The same in parts; absent where the reason has none, or was kept by a version that kept none. */
  readonly parts?: RefusedPlace;
}

/** Where a list is wrong, what is wrong there, and what to do. */
export interface RefusedPlace {
  /** Null where no single place is at fault. */
  readonly where: Words | null;
  readonly what: Words;
  readonly toDo: Words;
  /** How the list was read; absent where it was refused before that was known. */
  readonly readAs?: Words;
}

/** An upload whose file is still to be read. */
export interface UnreadUpload {
  readonly id: string;
  readonly job: string;
  readonly file_name: string;
  readonly stored_name: string;
  readonly sha256: string;
  /** The machine on which the file arrived; null where that is not known. */
  readonly host: string | null;
  readonly said_yes: boolean;
}

/** Finds the uploads that are still to be read, oldest first. */
export async function findUnreadUploads(on: Queryable, jobs: readonly string[]): Promise<UnreadUpload[]> {
  return await on.query<UnreadUpload>(
    `select id::text as id, job, file_name, stored_name, sha256, host, said_yes from desk_upload
     where state = 'received' and job = any($1::text[]) order by uploaded_at, id`,
    [jobs],
  );
}

/** A plan as the ledger stores it. */
export interface NewPlan {
  readonly plan: { readonly plan: { readonly due: number } };
  /** The SHA-256 of the settings under which the plan was made. */
  readonly settings: string;
  readonly at: Date;
}

/** Stores the plan of an upload that is still to be read. */
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

/**
 * Stores why an upload that is still to be read is refused. `reason` is a word for the audit trail and contains nothing
 * of the list.
 */
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

/** A person's request to read a list once more. */
export interface AnotherReading {
  readonly by: DeskPerson;
  readonly at: Date;
  /** A person wants it, has confirmed a list that looks damaged, or the file is not what it was. */
  readonly why: 'wanted' | 'let_pass' | 'file_lost';
}

/** Makes the desk read a planned, refused or expired list once more, unless a purge of it began. */
export async function readOnceMore(
  ledger: Ledger,
  id: string,
  { by, at, why }: AnotherReading,
): Promise<void> {
  const isPassed = why === 'let_pass';
  await ledger.transaction(async (transaction) => {
    const again = await transaction.query(
      `update desk_upload set state = 'received', said_yes = said_yes or $2
       where id = $1::uuid and state in ('planned', 'refused', 'expired') and purge_began_at is null returning 1`,
      [id, isPassed],
    );
    if (again.length === 0) return;
    const entry = { at, ...byPerson(by), uploadId: id };
    if (isPassed) await appendAudit(transaction, { ...entry, what: 'let_pass' });
    else await appendAudit(transaction, { ...entry, what: 'read_again', detail: why });
  });
}

/**
 * Makes the desk read a list once more where the settings in force, whose SHA-256 is `settings`, are not those of its
 * plan. The upload's page says so until its run is asked for. `by` is the person who wanted to start or approve it.
 */
export async function readUnderOtherSettings(
  ledger: Ledger,
  id: string,
  { by, at, settings }: { readonly by: DeskPerson; readonly at: Date; readonly settings: string },
): Promise<void> {
  await ledger.transaction(async (transaction) => {
    const again = await transaction.query(
      `update desk_upload
       set state = 'received',
           voided = jsonb_build_object(
             'why', 'plan_settings', 'after', null,
             'before', jsonb_build_object('classes', plan->'plan'->'classes', 'due', plan->'plan'->'due'))
       where id = $1::uuid and state = 'planned' and settings_sha256 <> $2 returning 1`,
      [id, settings],
    );
    if (again.length === 0) return;
    const entry = { at, ...byPerson(by), uploadId: id };
    await appendAudit(transaction, { ...entry, what: 'read_again', detail: 'other_settings' });
  });
}

/** Expires plans that nobody acted on, because they are out of date. Returns how many. */
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
