import type { AgeBucket } from './reconciliation/break.ts';
import type { CallClass } from './class.ts';

/** How a record (for `changed`, a member) differs from the night before. */
export const nightChanges = ['new', 'gone', 'changed', 'newly_failing', 'cured'] as const;
export type NightChange = (typeof nightChanges)[number];

/** Records that fail for one cause, counted by the nights they have been failing; tonight is 0. */
export interface FailingAges {
  readonly class: CallClass;
  readonly code: string | null;
  readonly ages: Readonly<Record<AgeBucket, number>>;
}

/** How a run differs from the last complete run of the same job on a list. Counts of records, no ids. */
export interface NightDifference {
  /** The run compared with; null on the first night, when all counts are 0. */
  readonly comparedWith: { readonly runId: string; readonly night: string } | null;
  /** Records in this list that were not in the earlier one. */
  readonly added: number;
  /** Records in the earlier list that are not in this one. */
  readonly gone: number;
  /** Members in both lists whose PAR is another one now. They also count as added and gone. */
  readonly parChanged: number;
  /** Records that failed now, and were a success or not in the list before. */
  readonly newlyFailing: number;
  /** Records that are a success now and failed before. */
  readonly cured: number;
  /** Records that failed both times, by the nights they have been failing; fewest nights first. */
  readonly stillFailing: readonly { readonly nights: number; readonly records: number }[];
  /**
   * All records that fail now, by class and code; most records first. Null where an older version of the program
   * ended the run.
   */
  readonly failing: readonly FailingAges[] | null;
}
