import { parseRunSettings, type RunSettings } from '../config/run-settings.ts';
import type { BreakFigures } from '../domain/reconciliation/break.ts';
import type { ClassCounts, TotalsCheck } from '../domain/control-totals.ts';
import type { NightDifference } from '../domain/night-difference.ts';
import { readBreakFigures } from '../ledger/breaks/break-table.ts';
import type { Queryable } from '../ledger/ledger-port.ts';
import { readRejectedRows, type RejectedRows } from '../ledger/proofs/rejected-rows.ts';
import { readAnsweredRows, type AnsweredRows } from '../ledger/proofs/row-groups.ts';
import { readRunCourse, type RunCourse } from '../ledger/proofs/run-course.ts';
import type { RunRow } from '../ledger/runs/run-table.ts';
import { readStoredDifference, readStoredTotals } from '../ledger/proofs/stored-proofs.ts';
import { readLimits } from './run-limits.ts';
import { createSummary, type Summary, type SummaryOptions } from './summary.ts';

/** Largest number of bars in the chart, besides one for each pause that is cut out. */
const MOST_BUCKETS = 240;
const MOST_CODES = 40;
const LINES_A_REASON = 5;

/** Everything a report for people says about a run at its finish; from the ledger alone. */
export interface ReportFacts {
  readonly run: RunRow;
  readonly summary: Summary;
  readonly classes: ClassCounts;
  readonly answers: readonly AnsweredRows[];
  readonly rejections: readonly RejectedRows[];
  readonly breaks: readonly BreakFigures[];
  /** Null: not kept with this run. */
  readonly totals: readonly TotalsCheck[] | null;
  readonly difference: NightDifference | null;
  /** Null where there were no calls. */
  readonly course: RunCourse | null;
  /** The most calls per second that a bar of the chart can show; null: not known. */
  readonly limit: number | null;
  /** Null: kept by another version of the program. */
  readonly settings: RunSettings | null;
  readonly finishedAt: Date;
}

export async function collectReportFacts(on: Queryable, options: SummaryOptions): Promise<ReportFacts> {
  const { run, rows } = options;
  const { classes } = rows;
  const summary = await createSummary(on, options);
  const finishedAt = run.finished_at ?? run.started_at;
  const { rates } = readLimits(run.settings);
  const shortestMs = Math.max(1_000, rates[0]?.windowMs ?? 0);
  const course = await readRunCourse(on, run.run_no, { most: MOST_BUCKETS, shortestMs });
  const settings = parseRunSettings(run.settings);
  return {
    run,
    summary,
    classes,
    answers: await readAnsweredRows(on, run.run_no, rows.answers, MOST_CODES),
    rejections: classes.rejected === 0 ? [] : await readRejectedRows(on, run.run_no, LINES_A_REASON),
    breaks: await readBreakFigures(on, {
      provider: run.provider,
      job: run.kind === 'list' ? run.job : null,
      asOf: finishedAt,
      night: run.night,
    }),
    totals: readStoredTotals(run),
    difference: readStoredDifference(run),
    course,
    limit: course === null ? null : limitOfBars(rates, course.widthMs),
    settings: settings.kind === 'valid' ? settings.value : null,
    finishedAt,
  };
}

/** Returns the limit for bars of a second; a limit per minute says nothing about them. */
function limitOfBars(
  rates: readonly { readonly count: number; readonly windowMs: number }[],
  widthMs: number,
): number | null {
  const holding = rates.filter(({ windowMs }) => windowMs <= widthMs);
  if (holding.length === 0) return null;
  return Math.min(...holding.map(({ count, windowMs }) => (count * 1_000) / windowMs));
}
