import type { Queryable } from './ledger-port.ts';

/** The notices of a job, as the ledger stores them. `seen` and `told` have the form the writing process gave them. */
export interface NoticeRow {
  readonly seen: unknown;
  readonly told: unknown;
  readonly told_at: Date | null;
  readonly told_codes: readonly string[];
}

export interface WrittenNotice {
  readonly seen: object;
  /** Null where nobody was notified of this start. */
  readonly told: { readonly condition: object; readonly at: Date; readonly codes: readonly string[] } | null;
}

/** Returns null where no start of the job was ever considered for a notice. */
export async function readNotice(on: Queryable, job: string): Promise<NoticeRow | null> {
  const rows = await on.query<NoticeRow>(
    'select seen, told, told_at, told_codes from job_notice where job = $1',
    [job],
  );
  return rows[0] ?? null;
}

/** Writes the notice. A code that people were told once counts as told from then on. */
export async function writeNotice(on: Queryable, job: string, { seen, told }: WrittenNotice): Promise<void> {
  await on.query(
    `insert into job_notice as n (job, seen, told, told_at, told_codes)
     values ($1, $2::jsonb, $3::jsonb, $4::timestamptz, $5::text[])
     on conflict (job) do update
     set seen = excluded.seen, told = coalesce(excluded.told, n.told), told_at = coalesce(excluded.told_at, n.told_at),
         told_codes = array(select distinct code from unnest(n.told_codes || excluded.told_codes) code order by code)`,
    [
      job,
      JSON.stringify(seen),
      told === null ? null : JSON.stringify(told.condition),
      told?.at.toISOString() ?? null,
      told === null ? [] : [...told.codes],
    ],
  );
}
