import { rowClasses, type RowClass } from './class.ts';

/** Rows of one run by class; every class has its count, also zero. */
export type ClassCounts = Readonly<Record<RowClass, number>>;

export function emptyClassCounts(): Record<RowClass, number> {
  return Object.fromEntries(rowClasses.map((name) => [name, 0])) as Record<RowClass, number>;
}

export function sumOfClasses(counts: ClassCounts): number {
  return rowClasses.reduce((sum, name) => sum + counts[name], 0);
}

export const totalsCheckNames = [
  /** Rows counted while reading, against rows in the ledger. */
  'rows_staged',
  /** Rows read, against the sum over the classes. */
  'classes',
  /** Of one class: what its rows say of their calls, against the attempts of the run. */
  'attempts',
  /** Successes called in this run, against the records whose first success is in it, or was before it. */
  'first_success',
  /** Success rows whose record the status table does not hold as success: 0. */
  'success_known',
  /** The row count a totals line of the list gives, against the rows read. */
  'list_totals',
] as const;

/** One equation that must hold before a run is complete. */
export interface TotalsCheck {
  readonly name: (typeof totalsCheckNames)[number];
  /** The class it is about; null: all of them. */
  readonly class: RowClass | null;
  readonly expected: number;
  readonly found: number;
}

export function agrees(check: TotalsCheck): boolean {
  return check.expected === check.found;
}
