import { isSuccess, type Actor } from '../domain/class.ts';
import { sumOfClasses, type ClassCounts } from '../domain/control-totals.ts';
import { meaningOf, type ExitCause } from '../domain/exit-cause.ts';
import type { Work } from '../domain/work.ts';
import type { RunState } from '../domain/run-state.ts';

/** How a run went, in one word. The first that applies, in this order. */
export const verdictKinds = [
  'broken',
  'unstaged',
  'superseded',
  'stopped',
  'empty',
  'done',
  'settled',
  'partial',
] as const;
export type VerdictKind = (typeof verdictKinds)[number];

/** Where a run's rows are; each row is in exactly one figure. */
export interface RowEnds {
  readonly rows: number;
  /** Rows enrolled by this run, or by an earlier unanswered call of ours, as the provider now says. */
  readonly enrolledNow: number;
  /** Rows enrolled before: the provider said so, or our ledger held it. */
  readonly enrolledBefore: number;
  /** Rows on which a person, or whoever the class names, must act. */
  readonly needSomebody: number;
  /** Rows that failed for now and that a later list calls again by itself. */
  readonly comeAgain: number;
  /**
   * Rows without a result when the run ended: most were not called, and the answers to the others said nothing about
   * them.
   */
  readonly notCalled: number;
  /** Rows that are not enrolled and that a person has settled. */
  readonly settled: number;
  readonly duplicates: number;
}

export interface Verdict extends RowEnds {
  readonly kind: VerdictKind;
}

export type VerdictTone = 'good' | 'warn' | 'bad';

const tones: Readonly<Record<VerdictKind, VerdictTone>> = {
  broken: 'bad',
  unstaged: 'warn',
  superseded: 'warn',
  stopped: 'warn',
  empty: 'good',
  done: 'good',
  settled: 'good',
  partial: 'warn',
};

export interface JudgedRun {
  readonly state: RunState;
  readonly totalsAgree: boolean;
  /** Null: the list was never read to its end. */
  readonly rowsRead: number | null;
  readonly classes: ClassCounts;
  readonly work: readonly Work[];
}

/**
 * Decides what a run means. This is the only place: the terminal, summary.json, the page and the workbook show it.
 * `work` must cover the same rows as `classes`.
 */
export function decideVerdict(run: JudgedRun): Verdict {
  const ends = countEnds(run);
  return { kind: judge(run, ends), ...ends };
}

export function toneOf({ kind }: Pick<Verdict, 'kind'>): VerdictTone {
  return tones[kind];
}

/**
 * Returns who must act because of the end itself, whatever happened to the rows; null: nobody, or those whom the rows
 * name.
 */
export function actorOfEnd(cause: ExitCause | null): Exclude<Actor, 'nobody'> | null {
  if (cause === null) return null;
  const { actor } = meaningOf(cause);
  return actor === 'nobody' || actor === 'rows' ? null : actor;
}

function countEnds({ classes, work }: JudgedRun): RowEnds {
  const sum = (counts: (one: Work) => boolean): number =>
    work.filter(counts).reduce((total, { rows }) => total + rows, 0);
  const isOpen = (one: Work): boolean => !isSuccess(one.class) && one.class !== 'duplicate' && !one.isSettled;
  return {
    rows: sumOfClasses(classes),
    enrolledNow: classes.enrolled + classes.recovered,
    enrolledBefore: classes.already_active + classes.already_done,
    needSomebody: sum((one) => isOpen(one) && one.actor !== 'nobody'),
    comeAgain: sum((one) => isOpen(one) && one.actor === 'nobody' && one.class !== 'unprocessed'),
    notCalled: sum((one) => isOpen(one) && one.class === 'unprocessed'),
    settled: sum((one) => one.isSettled && !isSuccess(one.class) && one.class !== 'duplicate'),
    duplicates: classes.duplicate,
  };
}

function judge(run: JudgedRun, ends: RowEnds): VerdictKind {
  if (!run.totalsAgree) return 'broken';
  if (run.rowsRead === null) return 'unstaged';
  if (run.state === 'superseded') return 'superseded';
  if (run.state !== 'complete') return 'stopped';
  if (ends.rows === 0) return 'empty';
  if (ends.needSomebody + ends.comeAgain + ends.notCalled > 0) return 'partial';
  return ends.settled > 0 ? 'settled' : 'done';
}
