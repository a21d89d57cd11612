import { breakKinds, type BreakKind } from '../../domain/reconciliation/break.ts';
import type { Queryable } from '../ledger-port.ts';

/** Open breaks of one kind that were found in the same night. */
export interface OpenBreaksOfNight {
  readonly kind: BreakKind;
  /** yyyy-MM-dd. */
  readonly night: string;
  readonly breaks: number;
  readonly oldest: Date;
}

export async function readOpenBreaksByNight(on: Queryable): Promise<OpenBreaksOfNight[]> {
  const rows = await on.query<OpenBreaksOfNight>(
    `select kind, first_night::text as night, count(*)::integer as breaks, min(first_seen_at) as oldest
     from break where state = 'open' group by kind, first_night order by first_night`,
  );
  return rows.filter(({ kind }) => breakKinds.includes(kind));
}
