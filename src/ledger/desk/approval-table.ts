import type { RowClass } from '../../domain/class.ts';
import type { Ledger, Queryable } from '../ledger-port.ts';
import { appendAudit, BY_ITSELF } from './audit-trail.ts';

/** An approval that nobody made use of for so long is over. */
export const APPROVAL_HOURS = 24;

/** Rows by class as a plan has them, and how many records it would call. */
export interface PlanFigures {
  readonly classes: Readonly<Partial<Record<RowClass, number>>>;
  readonly due: number;
}

/** Why an approval does not hold any more. */
export type VoidReason =
  /** The ledger has changed, and more records would be called. */
  | 'more_calls'
  /** The settings of its job are others. */
  | 'settings'
  /** Nobody made use of it in time. */
  | 'expired';

/** Why a list was read once more, as the page of its upload tells it. */
export interface VoidedPlan {
  /** `plan_settings`: the settings of its job were others when somebody wanted to start or approve it. */
  readonly why: VoidReason | 'plan_settings';
  readonly before: PlanFigures;
  /** Null: the reason is not in the plan. */
  readonly after: PlanFigures | null;
}

/** What became of an approval. */
export interface VoidedApproval extends VoidedPlan {
  readonly why: VoidReason;
}

/** Who decides about an upload, and what they saw of it. */
export interface Decision {
  readonly by: string;
  readonly at: Date;
  /** When the plan was made that they saw; another one is not what they decided about. */
  readonly plannedAt: Date;
}

/**
 * Approves an upload and asks for its run. False: it is not waiting for that any more, its plan or the settings in force
 * (`settings`, their SHA-256) are others, or it is the person's own.
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
           approved_run_no = null, voided = null, declined_by = null, declined_at = null, declined_reason = null,
           state = 'asked', request = gen_random_uuid(), asked_by = $2, asked_at = $3::timestamptz, begun_at = null,
           run_no = null
       where id = $1::uuid and state = 'planned' and needs_approval and settings_sha256 = $4
         and planned_at = $5::timestamptz and lower(btrim(uploaded_by)) <> lower(btrim($2))
       returning approved_calls as calls`,
      [id, by, at.toISOString(), settings, plannedAt.toISOString()],
    );
    if (approved === undefined) return false;
    const detail = `${approved.calls} to call`;
    await appendAudit(transaction, { at, who: by, what: 'approved', uploadId: id, detail });
    return true;
  });
}

/** Says no to an upload, for good. False: as for approveUpload. */
export async function declineUpload(
  ledger: Ledger,
  id: string,
  { by, at, plannedAt, reason }: Decision & { readonly reason: string },
): Promise<boolean> {
  return await ledger.transaction(async (transaction) => {
    const declined = await transaction.query(
      `update desk_upload
       set state = 'declined', declined_by = $2, declined_at = $3::timestamptz, declined_reason = $4
       where id = $1::uuid and state = 'planned' and needs_approval and planned_at = $5::timestamptz
         and lower(btrim(uploaded_by)) <> lower(btrim($2))
       returning id`,
      [id, by, at.toISOString(), reason, plannedAt.toISOString()],
    );
    if (declined.length === 0) return false;
    await appendAudit(transaction, { at, who: by, what: 'refused', uploadId: id, detail: reason });
    return true;
  });
}

/** An approval, for whoever makes the run it allows. */
export interface RunApproval {
  readonly upload_id: string;
  readonly approved_by: string;
  readonly approved_at: Date;
  readonly approved_settings: string;
  readonly figures: PlanFigures;
  /** Records that may still be called: those that the run has called are among the approved ones. */
  readonly calls_left: number;
  /** Its run has begun. */
  readonly is_used: boolean;
}

/** Null: the request needs no approval. */
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

/** From then on its age does not count: what has begun comes to its end. */
export async function noteApprovedRun(on: Queryable, request: string, runNo: number): Promise<void> {
  await on.query(
    `update desk_upload set approved_run_no = $2
     where request = $1::uuid and needs_approval and state = 'running'`,
    [request, runNo],
  );
}

/**
 * The approval of a request does not hold: its list is read again, and somebody has to approve what a run would do now.
 * False: somebody else was faster.
 */
export async function voidApproval(
  ledger: Ledger,
  request: string,
  { at, voided }: { readonly at: Date; readonly voided: VoidedApproval },
): Promise<boolean> {
  return await ledger.transaction(async (transaction) => {
    const [found] = await transaction.query<{ id: string }>(
      `update desk_upload
       set state = 'received', voided = $2::jsonb, approved_by = null, approved_at = null, approved_sha256 = null,
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
