import type { Queryable } from '../ledger-port.ts';
import type { PurgeAge } from '../privacy/purging.ts';
import { CLOSED_LIST } from '../sql-lists.ts';

/** An upload that is over and old enough to be forgotten. */
export interface OldUpload {
  readonly id: string;
  /** An absolute path; null where a version that did not store it received the upload. */
  readonly reports_directory: string | null;
  /** True where a purge of the upload began, so that its files may be gone. */
  readonly is_begun: boolean;
  /** True where the ledger holds nothing of the upload that is left to forget. */
  readonly is_purged: boolean;
}

const IS_OVER = `(u.state in ('refused', 'withdrawn', 'expired', 'declined')
  or (u.state = 'ended' and (r.run_no is null or r.state in ${CLOSED_LIST})))`;

/**
 * This SQL condition takes an upload with a run to be as old as its run, and keeps it as long as that run's settings
 * say.
 */
const IS_OLD = `coalesce(r.finished_at,
    greatest(u.uploaded_at, u.planned_at, u.declined_at, u.asked_at, u.ended_at)) < $1::timestamptz
  - make_interval(secs => coalesce($2::float8, (r.settings->'report'->>'keepMs')::float8, $3::float8) / 1000)`;

const source = 'desk_upload u left join run r on r.run_no = u.run_no';

function ageParameters({ now, olderThanMs, keepMs }: PurgeAge): (string | number | null)[] {
  return [now.toISOString(), olderThanMs, keepMs];
}

/** Finds uploads to forget, oldest first. They include no upload that may still be run, or whose run can go on. */
export async function findOldUploads(on: Queryable, age: PurgeAge): Promise<OldUpload[]> {
  return await on.query<OldUpload>(
    `select u.id::text as id, u.reports_directory, u.purge_began_at is not null as is_begun,
            u.purged_at is not null as is_purged
     from ${source} where ${IS_OVER} and ${IS_OLD} order by u.uploaded_at, u.id`,
    ageParameters(age),
  );
}

/** Counts uploads that are old enough but not over. A purge leaves them alone. */
export async function countOldOpenUploads(on: Queryable, age: PurgeAge): Promise<number> {
  const rows = await on.query<{ uploads: number }>(
    `select count(*)::integer as uploads from ${source} where not ${IS_OVER} and ${IS_OLD}`,
    ageParameters(age),
  );
  return rows[0]?.uploads ?? 0;
}

/**
 * Notes that a purge of the upload began. Returns false where the upload is not old or not over any more: somebody has
 * had it read again or asked for its run.
 */
export async function notePurgeOfUploadBegun(on: Queryable, id: string, age: PurgeAge): Promise<boolean> {
  const begun = await on.query(
    `update desk_upload d set purge_began_at = coalesce(d.purge_began_at, $1::timestamptz)
     where d.id = $4::uuid and exists (select from ${source} where u.id = d.id and ${IS_OVER} and ${IS_OLD})
     returning 1`,
    [...ageParameters(age), id],
  );
  return begun.length === 1;
}

/** A shorter name may be a part of any other word. */
const SHORTEST_REPLACED = 5;

/**
 * Forgets the name of an upload's list in its run: also in the path that its settings hold, in what was noted of the list, and in the sentence that says
 * how it ended. Call it before the upload itself is forgotten.
 */
export async function forgetListName(on: Queryable, id: string): Promise<void> {
  await on.query(
    `update run r
     set list_name = '***' || coalesce(substring(r.list_name from '\\.[A-Za-z0-9]{1,8}$'), ''),
         exit_reason = case when length(r.list_name) < $2 then r.exit_reason else replace(r.exit_reason, r.list_name, '***') end,
         settings = case when length(r.list_name) < $2 then r.settings
                    else replace(r.settings::text, trim(both '"' from to_json(r.list_name)::text), '***')::jsonb end,
         list_notes = case when r.list_notes ? 'name' then jsonb_set(r.list_notes, '{name}', '"***"') else r.list_notes end
     from desk_upload u where u.id = $1::uuid and u.purge_began_at is not null and r.run_no = u.run_no`,
    [id, SHORTEST_REPLACED],
  );
}

/**
 * Forgets the names of the file, the words that people wrote, and the plan except its figures. Returns the number of
 * rows the list had, 0 where that is not known; null where the upload was forgotten before.
 */
export async function forgetUploadRow(on: Queryable, id: string, at: Date): Promise<number | null> {
  const [forgotten] = await on.query<{ rows: number }>(
    `update desk_upload
     set purged_at = $2::timestamptz, exit_reason = null,
         file_name = '***' || coalesce(substring(file_name from '\\.[A-Za-z0-9]{1,8}$'), ''),
         stored_name = '***' || coalesce(substring(stored_name from '\\.[A-Za-z0-9]{1,8}$'), ''),
         plan = case when plan is not null then jsonb_build_object(
           'job', plan->'job',
           'plan', jsonb_build_object('list', jsonb_build_object('rowsRead', plan->'plan'->'list'->'rowsRead'),
                                      'classes', plan->'plan'->'classes', 'due', plan->'plan'->'due')) end,
         refusal = case when refusal is not null then '{"en": "", "ko": null, "mayPass": false}'::jsonb end,
         declined_reason = case when declined_reason is not null then '' end
     where id = $1::uuid and purge_began_at is not null and purged_at is null
     returning coalesce((plan->'plan'->'list'->>'rowsRead')::integer, 0) as rows`,
    [id, at.toISOString()],
  );
  return forgotten?.rows ?? null;
}
