import type { BreakKind } from '../../domain/reconciliation/break.ts';
import type { Queryable } from '../ledger-port.ts';
import { breakColumns, type BreakRow } from './break-table.ts';
import type { OpenBreaksOfNight } from './open-breaks.ts';

/** Whose breaks may be seen: of these providers, and of one of these jobs or of none. */
export interface SeenBreaks {
  readonly providers: readonly string[];
  readonly jobs: readonly string[];
}

const SEEN = 'provider = any($1::text[]) and (job is null or job = any($2::text[]))';

/** Counts open breaks by kind and by the night they were first seen in, oldest first. */
export async function countSeenBreaks(
  on: Queryable,
  { providers, jobs }: SeenBreaks,
): Promise<Omit<OpenBreaksOfNight, 'oldest'>[]> {
  return await on.query<Omit<OpenBreaksOfNight, 'oldest'>>(
    `select kind, first_night::text as night, count(*)::integer as breaks from break
     where state = 'open' and ${SEEN} group by kind, first_night order by first_night`,
    [providers, jobs],
  );
}

/**
 * Returns open breaks of a kind, oldest first: up to `most` after break `after`; 0 for the first. By night before number,
 * since the planner goes by the primary key for numbers alone, and meets all that were closed long ago.
 */
export async function readSeenBreaks(
  on: Queryable,
  { providers, jobs }: SeenBreaks,
  { kind, after, most }: { readonly kind: BreakKind; readonly after: number; readonly most: number },
): Promise<BreakRow[]> {
  return await on.query<BreakRow>(
    `select ${breakColumns}, state from break
     where state = 'open' and ${SEEN} and kind = $3 and (break.first_night, break_no) >
       (coalesce((select first_night from break where break_no = $4), '-infinity'::date), $4::integer)
     order by break.first_night, break_no limit $5`,
    [providers, jobs, kind, after, most],
  );
}
