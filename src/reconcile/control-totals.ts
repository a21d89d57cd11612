import { rowClasses } from '../domain/class.ts';
import { sumOfClasses, type ClassCounts } from '../domain/control-totals.ts';
import { countUnprovenSuccess } from '../ledger/enrollment-table.ts';
import { countClasses } from '../ledger/list-row-table.ts';
import type { Queryable } from '../ledger/ledger-port.ts';
import type { RunRow } from '../ledger/run-table.ts';

export interface ControlTotals {
  readonly rowsRead: number;
  readonly classes: ClassCounts;
  /** What does not agree, a sentence each; empty is the proof. */
  readonly broken: readonly string[];
}

/**
 * Proves a run's totals from the tables: rows counted while reading against the sum over classes, and every
 * success of a row against its record.
 */
export async function proveControlTotals(ledger: Queryable, run: RunRow): Promise<ControlTotals> {
  const classes = await countClasses(ledger, run.run_no);
  const unproven = await countUnprovenSuccess(ledger, run.run_no);
  const rowsRead = run.rows_read ?? 0;
  const broken: string[] = [];
  const sum = sumOfClasses(classes);
  if (run.rows_read === null && sum > 0)
    broken.push(`${sum} rows are staged of a list whose rows were not counted`);
  if (run.rows_read !== null && sum !== rowsRead) {
    broken.push(`${rowsRead} rows were read, the classes add up to ${sum}: ${equation(classes)}`);
  }
  if (unproven > 0) broken.push(`${unproven} rows say success of which the status table knows nothing`);
  return { rowsRead, classes, broken };
}

/** The classes that are not zero, as people write sums. */
function equation(classes: ClassCounts): string {
  return rowClasses
    .filter((name) => classes[name] > 0)
    .map((name) => `${name} ${classes[name]}`)
    .join(' + ');
}
