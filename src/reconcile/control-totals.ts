import { callClasses, rowClasses, rowOnlyClasses, type RowClass } from '../domain/class.ts';
import {
  brokenChecks,
  describeBreak,
  sumOfClasses,
  type ClassCounts,
  type TotalsCheck,
} from '../domain/control-totals.ts';
import { countClasses } from '../ledger/runs/list-row-table.ts';
import type { Queryable } from '../ledger/ledger-port.ts';
import type { RunRow } from '../ledger/runs/run-table.ts';
import { readToldOutcomes, type ToldOutcomes } from '../ledger/proofs/told-outcomes.ts';
import {
  countRows,
  readAttemptTotals,
  readHeldSuccess,
  allowSortingInMemory,
  readListTotals,
  readSuccessTotals,
  type AttemptTotals,
  type SuccessTotals,
} from '../ledger/proofs/totals-figures.ts';

export interface ControlTotals {
  readonly rowsRead: number;
  readonly classes: ClassCounts;
  /** Every equation with both figures: over all classes first, then by class. */
  readonly checks: readonly TotalsCheck[];
  /** What does not agree, a sentence each that names the class; empty is the proof. */
  readonly broken: readonly string[];
}

/**
 * Proves a run's totals from the tables:
 * - rows counted while reading = rows in the ledger = the sum over classes;
 * - by class, calls the rows tell of = attempts of the run that register. Lost calls and those that ended the run
 *   (stop_run) are in both, inquiries in neither;
 * - by class, rows called or inquired with success = records whose first success is in this run + rows whose record
 *   had its first success in another run. Those are called with `--again` only: without it a record another run has
 *   enrolled is not called, its row is already_done;
 * - no such row is without success in the status table;
 * - every row that is already_done has a record with a first success, and the attempt that gave it;
 * - by class, each called row has the class and the code of its last telling attempt, see readToldOutcomes;
 * - no row of another class was given one by a call of the run;
 * - rows that the list's own totals lines give = rows in the ledger of the lines above, where the list had any.
 * They hold at any end, also of a run that was stopped, continued, or superseded. Of a purged run, whose rows belong to
 * nobody any more, only those are proved that need no record.
 */
export async function proveControlTotals(ledger: Queryable, run: RunRow): Promise<ControlTotals> {
  await allowSortingInMemory(ledger);
  const classes = await countClasses(ledger, run.run_no);
  const rowsRead = run.rows_read ?? 0;
  const staged = await countRows(ledger, run.run_no);
  const listTotals = await readListTotals(ledger, run.run_no);
  const checks: TotalsCheck[] = [
    { name: 'rows_staged', class: null, expected: rowsRead, found: staged },
    { name: 'classes', class: null, expected: rowsRead, found: sumOfClasses(classes) },
    ...checkAttempts(await readAttemptTotals(ledger, run.run_no)),
    ...(run.purge_began_at === null ? await proveByRecords(ledger, run) : []),
  ];
  if (listTotals !== null) {
    const { said, staged: found } = listTotals;
    checks.push({ name: 'list_totals', class: null, expected: said, found });
  }
  return { rowsRead, classes, checks, broken: tellBreaks(run, checks, classes) };
}

async function proveByRecords(ledger: Queryable, run: RunRow): Promise<TotalsCheck[]> {
  const held = await readHeldSuccess(ledger, run);
  return [
    ...checkSuccess(await readSuccessTotals(ledger, run)),
    { name: 'held_success', class: null, expected: held.rows, found: held.proved },
    ...checkOutcomes(await readToldOutcomes(ledger, run)),
  ];
}

/** What each row says of itself, against what the attempts say of it. */
function checkOutcomes(told: readonly ToldOutcomes[]): TotalsCheck[] {
  const called = told.filter((one) => (callClasses as readonly RowClass[]).includes(one.class));
  const wronglyCalled = told.filter((one) => uncalledClasses.includes(one.class) && one.called > 0);
  const checksOf = (
    name: TotalsCheck['name'],
    of: readonly ToldOutcomes[],
    figures: (one: ToldOutcomes) => Pick<TotalsCheck, 'expected' | 'found'>,
  ): TotalsCheck[] =>
    withSum(
      of.map((one) => ({ name, class: one.class, ...figures(one) })),
      name,
    );
  return [
    ...checksOf('outcomes', called, ({ rows, classTold }) => ({ expected: rows, found: classTold })),
    ...checksOf('codes', called, ({ rows, codeTold }) => ({ expected: rows, found: codeTold })),
    ...checksOf('not_called', wronglyCalled, (one) => ({ expected: 0, found: one.called })),
  ];
}

/** An already_done row may have been called before another run found success. */
const uncalledClasses = rowOnlyClasses.filter((name) => name !== 'already_done') as readonly RowClass[];

function checkAttempts(totals: readonly AttemptTotals[]): TotalsCheck[] {
  return withSum(
    totals.map(({ class: name, said, made }) => ({
      name: 'attempts',
      class: name,
      expected: said,
      found: made,
    })),
    'attempts',
  );
}

function checkSuccess(totals: readonly SuccessTotals[]): TotalsCheck[] {
  const first = totals.map<TotalsCheck>(({ class: name, rows, elsewhere, first: found }) => ({
    name: 'first_success',
    class: name,
    expected: rows - elsewhere,
    found,
  }));
  const known = totals.map<TotalsCheck>(({ class: name, unknown }) => ({
    name: 'success_known',
    class: name,
    expected: 0,
    found: unknown,
  }));
  return [...withSum(first, 'first_success'), ...withSum(known, 'success_known')];
}

/** The sum over all classes, and with it what belongs to no row; then the classes in the order people read them. */
function withSum(checks: readonly TotalsCheck[], name: TotalsCheck['name']): TotalsCheck[] {
  const sum = (figure: 'expected' | 'found'): number =>
    checks.reduce((total, check) => total + check[figure], 0);
  const byClass = new Map<RowClass | null, TotalsCheck>(checks.map((check) => [check.class, check]));
  return [
    { name, class: null, expected: sum('expected'), found: sum('found') },
    ...rowClasses.flatMap((rowClass) => byClass.get(rowClass) ?? []),
  ];
}

function tellBreaks(run: RunRow, checks: readonly TotalsCheck[], classes: ClassCounts): string[] {
  return brokenChecks(checks).map((check) => {
    if (check.name === 'classes') return `${describeBreak(check)}: ${equation(classes)}`;
    if (check.name === 'rows_staged' && run.rows_read === null)
      return `${check.found} rows are staged of a list whose rows were not counted`;
    return describeBreak(check);
  });
}

/** The classes that are not zero, as people write sums. */
function equation(classes: ClassCounts): string {
  const parts = rowClasses.filter((name) => classes[name] > 0).map((name) => `${name} ${classes[name]}`);
  return parts.length === 0 ? 'no row' : parts.join(' + ');
}
