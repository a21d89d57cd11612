import { cleanUntrustedText, quoteName } from '../../domain/untrusted-text.ts';
import { reportsDirectoryOf, type ReportsPlace } from '../../config/reports-directory.ts';
import { agrees, countByClass, type TotalsCheck } from '../../domain/control-totals.ts';
import type { Work } from '../../domain/work.ts';
import { exitCodes, type ExitCode } from '../../domain/exit-code.ts';
import type { LiveJob } from '../../ledger/locks/live-jobs.ts';
import type { Ledger } from '../../ledger/ledger-port.ts';
import { readWork } from '../../ledger/proofs/row-groups.ts';
import { findRun, type RunRow } from '../../ledger/runs/run-table.ts';
import { readAttemptFigures, type AttemptFigures } from '../../ledger/runs/attempt-table.ts';
import { readReportSettings } from '../../report/report-settings.ts';
import { describeDifference } from '../../report/night-fields.ts';
import { actorOfEnd } from '../../report/verdict.ts';
import { proveRun, type RunProof } from '../../run/finish/prove-run.ts';
import { parseListRead } from '../../run/list-facts.ts';
import { isLeft, leftLine } from './left-runs.ts';
import { flowText } from '../terminal/flowing-line.ts';
import { formatListRead } from '../terminal/list-words.ts';
import { describeRun } from './status-overview.ts';
import { formatProof } from './proof-view.ts';
import { atMostWords, formatDifference, formatEndOf, formatWork } from './summary-view.ts';
import { UsageError } from '../usage-error.ts';
import { wallTime } from '../../domain/time/wall-time.ts';

export interface RunStatus {
  readonly document: object;
  readonly text: string;
}

/**
 * Reads one run. A run with an end is proved again from the tables and against its folder; one without an end is
 * shown as it stands. `exitCode`: 9 where the tables disagree, 8 where only the folder does, else 0. Throws
 * UsageError where no run has this id.
 */
export async function readRunStatus(
  ledger: Ledger,
  id: string,
  { place, host, program, live }: RunStatusOptions,
): Promise<RunStatus & { readonly exitCode: ExitCode }> {
  const run = await findRun(ledger, id);
  if (run === null)
    throw new UsageError(`no run ${id} in the ledger; kona-enroll status lists the last ones`);
  const { settings } = readReportSettings(run.settings, run.id);
  const reportsDirectory = reportsDirectoryOf(settings.directory, place);
  const proof = await proveRun(ledger, run, { folder: null, reportsDirectory, host });
  const isDead = isLeft(run, live);
  const facts = {
    run: proof?.totals.run ?? run,
    work: await readWork(ledger, run.run_no, settings.nightsLimit),
    figures: await readAttemptFigures(ledger, run.run_no),
    proof,
    timeZone: settings.timeZone,
  };
  return {
    document: { ...describe(facts), died: isDead },
    text: format(facts, program) + (isDead ? flowText(leftLine(run)) : ''),
    exitCode: proof?.exitCode ?? exitCodes.done,
  };
}

export interface RunStatusOptions {
  readonly place: ReportsPlace;
  readonly host: string;
  /** How to start the program. */
  readonly program: string;
  /** Jobs that other processes have. */
  readonly live: readonly LiveJob[];
}

interface Facts {
  readonly run: RunRow;
  readonly work: readonly Work[];
  readonly figures: Pick<AttemptFigures, 'calls' | 'lost'>;
  /** Null: the run has no end. */
  readonly proof: RunProof | null;
  readonly timeZone: string;
}

function describe({ run, work, figures, proof }: Facts): object {
  return {
    ...describeRun(run),
    listRead: parseListRead(run.list_notes),
    classes: countByClass(work),
    work,
    resolved: resolvedOf(work),
    controlTotals: proof === null ? null : proof.totals.checks.map(describeCheck),
    proof:
      proof === null
        ? null
        : {
            exitCode: proof.exitCode,
            exitCause: proof.exitCause,
            broken: proof.totals.broken,
            said: saidOf(proof),
            folder: problemsOf(proof),
          },
    difference: describeDifference(run),
    calls: figures.calls,
    lostCalls: figures.lost,
    folder: proof?.folder?.folder ?? null,
  };
}

function describeCheck(check: TotalsCheck): object {
  const { name, class: ofClass, expected, found } = check;
  return { name, class: ofClass, expected, found, agrees: agrees(check) };
}

function saidOf({ totals, folder }: RunProof): readonly string[] {
  return [...totals.said, ...(folder?.said ?? [])];
}

/** Returns what is wrong with the run's folder, a clause each. */
function problemsOf({ folder }: RunProof): readonly string[] {
  const files = folder?.files.filter(({ verdict }) => verdict === 'changed' || verdict === 'missing') ?? [];
  return [...files.map(({ name, verdict }) => `${name} is ${verdict}`), ...(folder?.problems ?? [])];
}

function resolvedOf(work: readonly Work[]): number {
  return work.filter((one) => one.isSettled).reduce((sum, one) => sum + one.rows, 0);
}

function format({ run, work, figures, proof, timeZone }: Facts, program: string): string {
  const listRead = parseListRead(run.list_notes);
  const lines = [
    `Run ${run.id}: ${run.state}`,
    ...endLines(run),
    `List ${quoteName(run.list_name)}, ${run.rows_read ?? 0} rows, provider ${cleanUntrustedText(run.provider)}`,
    timesLine(run, timeZone),
    ...(listRead === null ? [] : formatListRead(listRead)),
  ];
  const end = { state: run.state, exitCause: run.exit_cause, actorOfEnd: actorOfEnd(run.exit_cause) };
  return [
    ...lines.map(flowText),
    ...formatEndOf(end, proof !== null && proof.totals.broken.length > 0).map(flowText),
    formatWork(work, end.actorOfEnd),
    ...formatProof(proof).map(flowText),
    ...formatDifference({ difference: describeDifference(run) }).map(flowText),
    flowText(`Calls: ${atMostWords(figures.calls, figures.lost)}`),
    ...(run.purge_began_at === null ? [] : [`Purged on ${wallTime(run.purge_began_at, timeZone)}\n`]),
    ...(proof === null ? [] : formatFolder(proof, program)),
  ].join('');
}

/** Returns how it ended, as the terminal said then. */
function endLines({ exit_code: code, exit_reason: reason }: RunRow): string[] {
  return code === null || reason === null ? [] : [`Exit ${code}: ${cleanUntrustedText(reason)}`];
}

function timesLine({ started_at: began, finished_at: ended }: RunRow, timeZone: string): string {
  const end = ended === null ? '' : `, ended ${wallTime(ended, timeZone)}`;
  return `Began ${wallTime(began, timeZone)}${end} (${timeZone})`;
}

function formatFolder(proof: RunProof, program: string): string[] {
  const said = saidOf(proof).map((sentence) => flowText(`Not proved, but not a fault: ${sentence}`));
  if (proof.folder === null) return said;
  const problems = problemsOf(proof);
  const folder = cleanUntrustedText(proof.folder.folder);
  if (problems.length === 0) return [`Run folder: ${folder}\n`, ...said];
  return [
    `Run folder, NOT as it was written: ${folder}\n`,
    ...problems.map((problem) => flowText(`  ${cleanUntrustedText(problem)}`)),
    flowText(`  \`${program} report --verify ${proof.totals.run.id}\` shows every file`),
    ...said,
  ];
}
