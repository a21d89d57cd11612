import { readNotice, writeNotice } from '../../ledger/notice-table.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';
import type { KnownCondition } from './decide-news.ts';
import { jobConditionSchema, type JobCondition } from './job-condition.ts';

/** Returns what people know about a job; null where nothing is known, or an unreadable version wrote it. */
export async function readKnownCondition(on: Queryable, job: string): Promise<KnownCondition | null> {
  const row = await readNotice(on, job);
  if (row === null) return null;
  const seen = jobConditionSchema.safeParse(row.seen);
  const told = jobConditionSchema.safeParse(row.told);
  if (!seen.success) return null;
  return {
    seen: seen.data,
    told: told.success && row.told_at !== null ? { condition: told.data, at: row.told_at } : null,
    toldCodes: row.told_codes,
  };
}

/** `told`: when people were told about this start, and which codes were new to them; null: they were not told. */
export async function writeCondition(
  on: Queryable,
  job: string,
  {
    condition,
    told,
  }: {
    readonly condition: JobCondition;
    readonly told: { readonly at: Date; readonly codes: readonly string[] } | null;
  },
): Promise<void> {
  await writeNotice(on, job, {
    seen: condition,
    told: told === null ? null : { condition, ...told },
  });
}
