import type { RowClass } from '../../domain/class.ts';
import type { Ledger, Queryable } from '../ledger-port.ts';
import { appendAudit, BY_ITSELF, byPerson, type DeskPerson } from './audit-trail.ts';

/** An approval ends after this time unless its run has begun. */
export const APPROVAL_HOURS = 24;

/** The figures of a plan: rows by class, and the number of records a run would call. */
export interface PlanFigures {
  readonly classes: Readonly<Partial<Record<RowClass, number>>>;
  readonly due: number;
}

/** The reasons why an approval does not hold any more. */
export type VoidReason =
  /** The ledger has changed since, and a run would call more records. */
  | 'more_calls'
  /** The settings of the job have changed since. */
  | 'settings'
  /** The run did not begin in time. */
  | 'expired';

/** The reason why a list was read once more, as the page of its upload tells it. */
export interface VoidedPlan {
  /**
   * `plan_settings` means that the settings of the job had changed since the plan when somebody wanted to start or
   * approve it.
   */
  readonly why: VoidReason | 'plan_settings';
  readonly before: PlanFigures;
  /** Null where the reason is not a change of the plan. */
  readonly after: PlanFigures | null;
}

/** The reason why an approval was voided. */
export interface VoidedApproval extends VoidedPlan {
  readonly why: VoidReason;
}

/** A decision about an upload: who makes it, and about which plan. */
export interface Decision {
  readonly by: DeskPerson;
  readonly at: Date;
  /** The time at which the plan that the person saw was made. The decision does not hold for another plan. */
  readonly plannedAt: Date;
}

/** This SQL condition holds where `name` and `account` are another person than the one who uploaded the list. */
function isSomebodyElse(name: string, account: string): string {
  return `lower(btrim(uploaded_by)) <> lower(btrim(${name}))
    and (uploaded_account is null or uploaded_account <> ${account})`;
}

/**
 * Approves an upload and asks for its run. Returns false where the upload does not wait for an approval of this plan
 * any more, where the plan was made under other settings than `settings`, the SHA-256 of those in force, or where the
 * person, by address or by account, uploaded the list.
 */
export async function approveUpload(
  ledger: Ledger,
  id: string,
  decision: Decision & { readonly settings: string },
): Promise<boolean> {
  const { by, at, plannedAt, settings } = decision;
  return await ledger.transaction(async (transaction) => {
    const [approved] = await transaction.query<{ calls: number }>(
      `update desk_upload
       set approved_by = $2, approved_at = $3::timestamptz, approved_sha256 = sha256, approved_settings = settings_sha256,
           approved_classes = plan->'plan'->'classes', approved_calls = (plan->'plan'->>'due')::integer,
           approved_account = $6, approved_run_no = null, voided = null,
           declined_by = null, declined_account = null, declined_at = null, declined_reason = null,
           state = 'asked', request = gen_random_uuid(), asked_by = $2, asked_account = $6, asked_at = $3::timestamptz,
           begun_at = null, run_no = null
       where id = $1::uuid and state = 'planned' and needs_approval and settings_sha256 = $4
         and planned_at = $5::timestamptz and ${isSomebodyElse('$2', '$6::text')}
       returning approved_calls as calls`,
      [id, by.name, at.toISOString(), settings, plannedAt.toISOString(), by.account],
    );
    if (approved === undefined) return false;
    const detail = `${approved.calls} to call`;
    await appendAudit(transaction, { at, ...byPerson(by), what: 'approved', uploadId: id, detail });
    return true;
  });
}

/**
 * Declines an upload for good. Returns false where the upload does not wait for an approval of this plan any more, or
 * where the person uploaded the list.
 */
export async function declineUpload(
  ledger: Ledger,
  id: string,
  { by, at, plannedAt, reason }: Decision & { readonly reason: string },
): Promise<boolean> {
  return await ledger.transaction(async (transaction) => {
    const declined = await transaction.query(
      `update desk_upload
       set state = 'declined', declined_by = $2, declined_account = $6, declined_at = $3::timestamptz, declined_reason = $4
       where id = $1::uuid and state = 'planned' and needs_approval and planned_at = $5::timestamptz
         and ${isSomebodyElse('$2', '$6::text')}
       returning id`,
      [id, by.name, at.toISOString(), reason, plannedAt.toISOString(), by.account],
    );
    if (declined.length === 0) return false;
    await appendAudit(transaction, { at, ...byPerson(by), what: 'refused', uploadId: id, detail: reason });
    return true;
  });
}

/** An approval, as the process that makes the run needs it. */
export interface RunApproval {
  readonly upload_id: string;
  readonly approved_by: string;
  readonly approved_at: Date;
  readonly approved_settings: string;
  readonly figures: PlanFigures;
  /** The number of records that may still be called: the approved number less those that the run has called. */
  readonly calls_left: number;
  /** True where the run has begun. */
  readonly is_used: boolean;
}

/** Returns null where the request needs no approval. */
export async function findRunApproval(on: Queryable, request: string): Promise<RunApproval | null> {
  const [found] = await on.query<RunApproval>(
    `select id::text as upload_id, approved_by, approved_at, approved_settings,
            jsonb_build_object('classes', approved_classes, 'due', approved_calls) as figures,
            approved_run_no is not null as is_used,
            greatest(0, approved_calls - (select count(distinct record_no) from attempt
                                          where run_no = approved_run_no))::integer as calls_left
     from desk_upload where request = $1::uuid and needs_approval and state in ('asked', 'running')`,
    [request],
  );
  return found ?? null;
}

/**
 * Notes the run that an approval allows. From then on the age of the approval does not count, because a run that has
 * begun may finish.
 */
export async function noteApprovedRun(on: Queryable, request: string, runNo: number): Promise<void> {
  await on.query(
    `update desk_upload set approved_run_no = $2
     where request = $1::uuid and needs_approval and state = 'running'`,
    [request, runNo],
  );
}

/**
 * Voids the approval of a request. The list is read again, and somebody has to approve the new plan. Returns false
 * where somebody else was faster.
 */
export async function voidApproval(
  ledger: Ledger,
  request: string,
  { at, voided }: { readonly at: Date; readonly voided: VoidedApproval },
): Promise<boolean> {
  return await ledger.transaction(async (transaction) => {
    const [found] = await transaction.query<{ id: string }>(
      `update desk_upload
       set state = 'received', voided = $2::jsonb, approved_by = null, approved_account = null, approved_at = null, approved_sha256 = null,
           approved_settings = null, approved_classes = null, approved_calls = null, approved_run_no = null
       where request = $1::uuid and needs_approval and state in ('asked', 'running')
       returning id::text as id`,
      [request, JSON.stringify(voided)],
    );
    if (found === undefined) return false;
    const { why, before, after } = voided;
    const detail =
      after === null ? why : `${why}: ${before.due} to call were approved, ${after.due} would be`;
    const what = why === 'expired' ? 'expired' : 'voided';
    await appendAudit(transaction, { at, who: BY_ITSELF, what, uploadId: found.id, detail });
    return true;
  });
}
