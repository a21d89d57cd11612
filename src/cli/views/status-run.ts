import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { reportsDirectoryOf, type ReportsPlace } from '../../config/reports-directory.ts';
import { brokenChecks, describeBreak, emptyClassCounts } from '../../domain/control-totals.ts';
import type { Work } from '../../domain/work.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';
import { readWork } from '../../ledger/proofs/row-groups.ts';
import { findRun, type RunRow } from '../../ledger/runs/run-table.ts';
import { countCalls } from '../../ledger/proofs/status-figures.ts';
import { readStoredTotals, readStoredWork } from '../../ledger/proofs/stored-proofs.ts';
import { readReportSettings } from '../../report/report-settings.ts';
import { describeDifference, describeTotals } from '../../report/summary.ts';
import { parseListNotes } from '../../run/list-facts.ts';
import { formatListRead } from './list-view.ts';
import { describeRun } from './status-overview.ts';
import { formatDifference } from './summary-view.ts';
import { formatTable } from '../terminal/table.ts';
import { UsageError } from '../usage-error.ts';
import { wallTime } from '../wall-time.ts';

export interface RunStatus {
  readonly document: object;
  readonly text: string;
}

/**
 * One run: as it was proved at its end, in no time however long its list is, or as it stands while it has none.
 * Throws UsageError where there is none of this id.
 */
export async function readRunStatus(ledger: Queryable, id: string, place: ReportsPlace): Promise<RunStatus> {
  const run = await findRun(ledger, id);
  if (run === null)
    throw new UsageError(`no run ${id} in the ledger; kona-enroll status lists the last ones`);
  const { settings } = readReportSettings(run.settings, run.id);
  const work = readStoredWork(run) ?? (await readWork(ledger, run.run_no, settings.nightsLimit));
  const calls = provedCalls(run) ?? (await countCalls(ledger, run.run_no));
  const folder = await existing(join(reportsDirectoryOf(settings.directory, place), run.id));
  const facts = { run, work, calls, folder, timeZone: settings.timeZone };
  return { document: describe(facts), text: format(facts) };
}

interface Facts {
  readonly run: RunRow;
  readonly work: readonly Work[];
  readonly calls: number;
  /** Null: not where the run's settings have it, or on another machine. */
  readonly folder: string | null;
  readonly timeZone: string;
}

/** Null: none were proved. */
function provedCalls(run: RunRow): number | null {
  const check = readStoredTotals(run)?.find((one) => one.name === 'attempts' && one.class === null);
  return check?.found ?? null;
}

async function existing(folder: string): Promise<string | null> {
  try {
    await access(folder);
    return folder;
  } catch {
    return null;
  }
}

function describe({ run, work, calls, folder }: Facts): object {
  const classes = emptyClassCounts();
  for (const one of work) classes[one.class] += one.rows;
  return {
    ...describeRun(run),
    listRead: parseListNotes(run.list_notes),
    classes,
    work,
    resolved: resolvedOf(work),
    controlTotals: describeTotals(run),
    difference: describeDifference(run),
    calls,
    folder,
  };
}

function resolvedOf(work: readonly Work[]): number {
  return work.filter((one) => one.isSettled).reduce((sum, one) => sum + one.rows, 0);
}

function format({ run, work, calls, folder, timeZone }: Facts): string {
  const notes = parseListNotes(run.list_notes);
  const lines = [
    `Run ${run.id}: ${run.state}${run.exit_reason === null ? '' : `, ${run.exit_reason}`}`,
    `List ${run.list_name}, ${run.rows_read ?? 0} rows, provider ${run.provider}`,
    timesLine(run, timeZone),
    ...(notes === null ? [] : formatListRead(notes)),
  ];
  return [
    ...lines.map((line) => `${line}\n`),
    formatTable(
      ['class', 'rows', 'who must act'],
      work.map((one) => [one.class, one.rows, actorOf(one)]),
    ),
    ...formatTotals(run),
    ...formatDifference({ difference: describeDifference(run) }),
    `Calls: ${calls}\n`,
    ...(run.purge_began_at === null ? [] : [`Purged on ${wallTime(run.purge_began_at, timeZone)}\n`]),
    ...(folder === null ? [] : [`Run folder: ${folder}\n`]),
  ].join('');
}

function timesLine({ started_at: began, finished_at: ended }: RunRow, timeZone: string): string {
  const end = ended === null ? '' : `, ended ${wallTime(ended, timeZone)}`;
  return `Began ${wallTime(began, timeZone)}${end} (${timeZone})`;
}

function actorOf({ actor, nightsUsedUp, isSettled }: Work): string {
  if (isSettled) return 'nobody, settled by a person';
  return `${actor.replace('_', ' ')}${nightsUsedUp ? ', its nights are used up' : ''}`;
}

/** Nothing of a run without an end. */
function formatTotals(run: RunRow): string[] {
  const checks = describeTotals(run);
  if (checks === null) return [];
  const broken = brokenChecks(checks);
  if (broken.length === 0) return ['Totals agree\n'];
  return ['BROKEN TOTALS:\n', ...broken.map((check) => `  ${describeBreak(check)}\n`)];
}
