import type { AgeBucket } from './reconciliation/break.ts';
import type { CallClass } from './class.ts';

/** What one record, or of `changed` one member, is otherwise than the night before. */
export const nightChanges = ['new', 'gone', 'changed', 'newly_failing', 'cured'] as const;
export type NightChange = (typeof nightChanges)[number];

/** Records that fail for one cause, by the nights they have been failing: tonight is 0. */
export interface FailingAges {
  readonly class: CallClass;
  readonly code: string | null;
  readonly ages: Readonly<Record<AgeBucket, number>>;
}

/** What a run found otherwise than the last complete run of the same job on a list. Counts of records, no ids. */
export interface NightDifference {
  /** Null: there is none, this is the first night; all counts are 0 then. */
  readonly comparedWith: { readonly runId: string; readonly night: string } | null;
  /** In this list and not in that one. */
  readonly added: number;
  /** In that list and not in this one. */
  readonly gone: number;
  /** Members in both lists, under another PAR now. They count as added and gone too. */
  readonly parChanged: number;
  /** Failed now; then a success, or not in that list. */
  readonly newlyFailing: number;
  /** A success now, and failed then. */
  readonly cured: number;
  /** Failed then and now, by the nights they have been failing; fewest nights first. */
  readonly stillFailing: readonly { readonly nights: number; readonly records: number }[];
  /** All that fail now, by class and code; most records first. Null: an older version of the program ended the run. */
  readonly failing: readonly FailingAges[] | null;
}
