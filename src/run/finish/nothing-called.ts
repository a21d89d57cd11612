import { sumOfClasses, type ClassCounts } from '../../domain/control-totals.ts';
import type { RunKind } from '../../ledger/runs/run-table.ts';

/** Says what the rows wait for in a run that came to its end and called nobody. */
export function whyNothingCalled(classes: ClassCounts, kind: RunKind): string {
  const rows = sumOfClasses(classes);
  if (rows === 0) {
    return kind === 'retry'
      ? 'no row of that run is of the classes asked for: nothing to do'
      : 'the list has a header and no rows: nothing to do';
  }
  const needsPerson = classes.bad_data + classes.conflict + classes.unknown_code;
  const usedUp = classes.ambiguous + classes.transient;
  const inList = classes.rejected + classes.disputed;
  const why = [
    [classes.already_done, 'are done already'],
    [
      classes.action_required,
      'wait for their customer: such a record is called once a night, until its nights are used up',
    ],
    [needsPerson, 'need a person before they are called again'],
    [usedUp, 'have used up their nights'],
    [inList, 'must be corrected in the list'],
    [classes.duplicate, 'repeat an earlier row'],
  ] as const;
  const parts = why.flatMap(([count, words]) => (count === 0 ? [] : [`${count} ${words}`]));
  return `nothing was left to call: of ${rows === 1 ? '1 row' : `${rows} rows`} ${parts.join('; ')}`;
}
