import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { reportsDirectoryOf, type ReportsPlace } from '../../config/reports-directory.ts';
import { exitCodes, type ExitCode } from '../../domain/exit-code.ts';
import { languages } from '../../domain/language.ts';
import { countClasses } from '../../ledger/runs/list-row-table.ts';
import type { OpenLedger } from '../../ledger/engine/open-ledger.ts';
import { findLastEndedRun, findRun, type RunRow } from '../../ledger/runs/run-table.ts';
import { checkFolder, type FolderCheck } from '../../report/folder/folder-check.ts';
import { MANIFEST } from '../../report/folder/folder-preparation.ts';
import { readReportSettings } from '../../report/report-settings.ts';
import type { ReportProgress } from '../../report/folder/run-folder.ts';
import type { Summary } from '../../report/summary.ts';
import { reportRun } from '../../run/finish/report-run.ts';
import type { Host } from '../host.ts';
import { ledgerAddressOf } from '../session/ledger-address.ts';
import { withLedger } from '../session/ledger-session.ts';
import { createProgressLine } from '../terminal/progress.ts';
import { formatTable } from '../terminal/table.ts';
import { UsageError } from '../usage-error.ts';

type ReportArguments = Readonly<Record<string, unknown>> & {
  readonly run?: string | undefined;
  readonly lang?: string | undefined;
  readonly verify?: boolean | undefined;
  readonly json?: boolean | undefined;
};

/** Writes a run's folder again from the ledger, or with `--verify` checks it and changes nothing. */
export async function reportCommand(argv: ReportArguments, host: Host): Promise<ExitCode> {
  return argv.verify === true ? await verifyCommand(argv, host) : await writeCommand(argv, host);
}

async function writeCommand(argv: ReportArguments, host: Host): Promise<ExitCode> {
  await withLedger(host, argv, async (ledger, { database, flags, reportsPlace }) => {
    const run = await findNamedRun(ledger, argv.run);
    const { clock, signals, me } = host;
    const environment = { ledger, address: ledgerAddressOf(database), clock, signals, me };
    const language = languages.find((one) => one === argv.lang) ?? null;
    const line = createProgressLine(host);
    const progress = (written: ReportProgress): void => {
      if (!flags.quiet) line.showReport(written);
    };
    const options = { reportsDirectory: directoryOf(run, reportsPlace), language, progress };
    const { folder, summary, warnings } = await reportRun(environment, run, options).finally(line.leave);
    // Also with --quiet, which is about progress.
    for (const sentence of warnings) line.say(`warning: ${sentence}`);
    const document = { runId: run.id, folder, warnings, summary };
    host.stdout.write(flags.json ? `${JSON.stringify(document, null, 2)}\n` : formatWritten(summary, folder));
  });
  return exitCodes.done;
}

async function verifyCommand(argv: ReportArguments, host: Host): Promise<ExitCode> {
  if (argv.lang !== undefined) throw new UsageError('--verify writes nothing, so it takes no --lang');
  const folder = folderNamedBy(argv.run, host);
  const check = folder === null ? await checkRun(argv, host) : await checkFolder(folder, null);
  host.stdout.write(
    argv.json === true
      ? `${JSON.stringify({ ...check, comparedWithLedger: folder === null }, null, 2)}\n`
      : formatCheck(check, folder === null),
  );
  return check.isRight ? exitCodes.done : exitCodes.ownSide;
}

async function checkRun(argv: ReportArguments, host: Host): Promise<FolderCheck> {
  return await withLedger(host, argv, async (ledger, { reportsPlace }) => {
    const run = await findNamedRun(ledger, argv.run);
    const classes = await countClasses(ledger, run.run_no);
    return await checkFolder(join(directoryOf(run, reportsPlace), run.id), { run, classes });
  });
}

/** A run folder given as a path can be checked where there is no ledger. Null: it is no path. */
function folderNamedBy(named: string | undefined, host: Host): string | null {
  if (named === undefined) return null;
  const path = resolve(host.cwd, named);
  return /[/\\]/.test(named) || existsSync(join(path, MANIFEST)) ? path : null;
}

async function findNamedRun(ledger: OpenLedger, id: string | undefined): Promise<RunRow> {
  const run = id === undefined ? await findLastEndedRun(ledger) : await findRun(ledger, id);
  if (run !== null) return run;
  throw new UsageError(
    id === undefined
      ? 'the ledger holds no run that came to an end'
      : `no run ${id} in the ledger; kona-enroll status lists the last ones`,
  );
}

function directoryOf(run: RunRow, place: ReportsPlace): string {
  return reportsDirectoryOf(readReportSettings(run.settings, run.id).settings.directory, place);
}

function formatWritten(summary: Summary, folder: string): string {
  const end = summary.exitReason === null ? '' : `, exit ${summary.exitCode}: ${summary.exitReason}`;
  return `Run ${summary.runId}: ${summary.state}${end}\nRun folder: ${folder}\n`;
}

function formatCheck(check: FolderCheck, isCompared: boolean): string {
  const files = check.files.map(({ name, verdict }) => [name, verdict]);
  const against = isCompared ? 'its manifest and the ledger' : 'its manifest';
  return [
    `Run folder ${check.folder}\n`,
    ...(files.length === 0 ? [] : [formatTable(['file', 'is'], files)]),
    ...check.problems.map((problem) => `Wrong: ${problem}\n`),
    check.isRight ? `Right: it agrees with ${against}\n` : 'Not right: kona-enroll report writes it again\n',
  ].join('');
}
