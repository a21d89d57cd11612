import type { BreakRow } from '../../ledger/breaks/break-table.ts';

/** Every id that a break knows; a note about it may repeat one. */
export function idsOfBreak(row: BreakRow): string[] {
  return [row.user_id, row.par, row.other_user_id, row.other_par].filter((id) => id !== null);
}
