import { rowClasses, type RowClass } from './class.ts';
import { controlTotalWords } from './control-total-words.ts';

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
  /** Rows that say success we held before, against those of them whose record has a first success and its attempt. */
  'held_success',
  /** Rows of one class that a call gives, against those of them to which their last telling attempt gave it. */
  'outcomes',
  /** The same rows, against those of them that carry the code of that attempt. */
  'codes',
  /** Rows of a class that no call gives, and to which a call of the run gave one all the same: 0. */
  'not_called',
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

/** A check that does not agree, as people are told: its class and both figures. */
export function describeBreak(check: TotalsCheck): string {
  const { expected, found } = controlTotalWords[check.name];
  const subject = check.class === null ? '' : `${check.class}: `;
  return `${subject}${check.expected} ${expected.en}, ${check.found} ${found.en}`;
}

/** Those that do not agree; of a check that is broken for a class its sum over all classes says nothing more. */
export function brokenChecks(checks: readonly TotalsCheck[]): TotalsCheck[] {
  const broken = checks.filter((check) => !agrees(check));
  const byClass = new Set(broken.filter((check) => check.class !== null).map((check) => check.name));
  return broken.filter((check) => check.class !== null || !byClass.has(check.name));
}
