import { cleanUntrustedText } from '../../domain/untrusted-text.ts';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { reportsDirectoryOf, type ReportsPlace } from '../../config/reports-directory.ts';
import { exitCodes, type ExitCode } from '../../domain/exit-code.ts';
import { languages } from '../../domain/language.ts';
import type { OpenLedger } from '../../ledger/engine/open-ledger.ts';
import { findLastEndedRun, findRun, type RunRow } from '../../ledger/runs/run-table.ts';
import { checkFolder, readRunInLedger, type FolderCheck } from '../../report/folder/folder-check.ts';
import { MANIFEST } from '../../report/folder/folder-preparation.ts';
import { readReportSettings } from '../../report/report-settings.ts';
import type { ReportProgress } from '../../report/folder/run-folder.ts';
import type { Summary } from '../../report/summary.ts';
import { endOf, proveRun, type ProofEnd, type RunProof } from '../../run/finish/prove-run.ts';
import { reportRun } from '../../run/finish/report-run.ts';
import type { Host } from '../host.ts';
import { ledgerAddressOf } from '../session/ledger-address.ts';
import { programName } from '../session/program-name.ts';
import { withLedger } from '../session/ledger-session.ts';
import { createProgressLine } from '../terminal/progress.ts';
import { formatTable } from '../terminal/table.ts';
import { describeProof, formatProof } from '../views/proof-view.ts';
import { UsageError } from '../usage-error.ts';

type ReportArguments = Readonly<Record<string, unknown>> & {
  readonly run?: string | undefined;
  readonly lang?: string | undefined;
  readonly verify?: boolean | undefined;
  readonly yes?: boolean | undefined;
  readonly json?: boolean | undefined;
};

/** Writes a run's folder again from the ledger, or checks it with `--verify` and changes nothing. */
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
    const options = {
      reportsDirectory: directoryOf(run, reportsPlace),
      language,
      movesAside: flags.yes,
      progress,
    };
    const { folder, summary, warnings } = await reportRun(environment, run, options).finally(line.leave);
    // Warnings are shown even with --quiet, which is about progress.
    for (const sentence of warnings) line.say(`warning: ${sentence}`);
    const document = { runId: run.id, folder, warnings, summary };
    host.stdout.write(flags.json ? `${JSON.stringify(document, null, 2)}\n` : formatWritten(summary, folder));
  });
  return exitCodes.done;
}

async function verifyCommand(argv: ReportArguments, host: Host): Promise<ExitCode> {
  if (argv.lang !== undefined) throw new UsageError('--verify writes nothing, so it takes no --lang');
  if (argv.yes === true) throw new UsageError('--verify writes nothing, so it takes no --yes');
  const folder = folderNamedBy(argv.run, host);
  const verified =
    folder === null ? await verifyRun(argv, host) : verifiedAlone(await checkFolder(folder, null));
  const { check, proof, exitCode, exitCause } = verified;
  const document = {
    ...check,
    said: saidOf(verified),
    comparedWithLedger: folder === null,
    totals: proof === null ? null : describeProof(proof),
    exitCode,
    exitCause,
  };
  host.stdout.write(
    argv.json === true
      ? `${JSON.stringify(document, null, 2)}\n`
      : formatVerified(verified, programName(host.env)),
  );
  return exitCode;
}

interface Verified extends ProofEnd {
  readonly check: FolderCheck;
  /** Null: there is no ledger to compare with, or the run has not ended and is not proved. */
  readonly proof: RunProof | null;
  readonly isCompared: boolean;
}

function verifiedAlone(check: FolderCheck): Verified {
  return { check, proof: null, ...endOf(true, check), isCompared: false };
}

/** Checks a run. For a run without an end only the folder is checked, because its rows may still change. */
async function verifyRun(argv: ReportArguments, host: Host): Promise<Verified> {
  return await withLedger(host, argv, async (ledger, { reportsPlace }) => {
    const run = await findNamedRun(ledger, argv.run);
    const reportsDirectory = directoryOf(run, reportsPlace);
    const folder = join(reportsDirectory, run.id);
    const proof = await proveRun(ledger, run, { folder, reportsDirectory, host: host.me.host });
    const check = proof?.folder ?? (await checkFolder(folder, await readRunInLedger(ledger, run, folder)));
    const alone = { ...verifiedAlone(check), isCompared: true };
    return proof === null ? alone : { ...alone, proof, exitCode: proof.exitCode, exitCause: proof.exitCause };
  });
}

function saidOf({ check, proof }: Verified): readonly string[] {
  return [...(proof?.totals.said ?? []), ...check.said];
}

/** Returns the folder named by a path, which can be checked without a ledger; null: it is no path. */
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
  const end =
    summary.exitReason === null
      ? ''
      : `, exit ${summary.exitCode}: ${cleanUntrustedText(summary.exitReason)}`;
  return `Run ${summary.runId}: ${summary.state}${end}\nRun folder: ${cleanUntrustedText(folder)}\n`;
}

function formatVerified(verified: Verified, program: string): string {
  const { check, proof, exitCode, isCompared } = verified;
  const files = check.files.map(({ name, verdict }) => [name, verdict]);
  const against = isCompared ? 'its manifest and the ledger' : 'its manifest';
  return [
    `Run folder ${cleanUntrustedText(check.folder)}\n`,
    ...(files.length === 0 ? [] : [formatTable(['file', 'is'], files)]),
    ...formatProof(proof),
    ...check.problems.map((problem) => `Wrong: ${cleanUntrustedText(problem)}\n`),
    ...saidOf(verified).map((sentence) => `Not proved, but not a fault: ${sentence}\n`),
    check.isRight && exitCode === exitCodes.done
      ? `Right: it agrees with ${against}\n`
      : adviceOn(verified, program),
  ].join('');
}

/** Says what helps. Nothing is overwritten that somebody may want to look at. */
function adviceOn({ check, exitCode }: Verified, program: string): string {
  if (exitCode === exitCodes.totalsDisagree) {
    return `Not right: the ledger itself disagrees. Keep the folder, and ask the database administrator what was changed; \`${program} report\` writes nothing until this is corrected\n`;
  }
  const isOnlyMissing =
    check.problems.length === 0 && check.files.every(({ verdict }) => verdict !== 'changed');
  return isOnlyMissing
    ? `Not right: \`${program} report\` writes the missing files again from the ledger\n`
    : `The folder is not right, the ledger is. Look first at what was changed; \`${program} report --yes\` then moves the folder aside and writes it anew\n`;
}
