import { loadLedgerConfiguration } from '../../config/configuration.ts';
import { flagsOf } from '../../config/flags/flags.ts';
import type { ReportsPlace } from '../../config/reports-directory.ts';
import { exitCodes, type ExitCode } from '../../domain/exit-code.ts';
import { LedgerHeldError } from '../../ledger/engine/embedded-ledger.ts';
import { readLiveJobs, type LiveJob } from '../../ledger/locks/live-jobs.ts';
import type { OpenLedger } from '../../ledger/engine/open-ledger.ts';
import type { PauseUnderWay } from '../../ledger/pause-table.ts';
import { readPublishedPauses } from '../../ledger/published-pauses.ts';
import type { Host } from '../host.ts';
import { programName } from '../session/program-name.ts';
import { withLedger } from '../session/ledger-session.ts';
import { liveRunOf, parseHolder, withLiveRuns, type LiveRun } from '../views/live-runs.ts';
import { flowWords, SCREEN_COLUMNS } from '../terminal/flowing-line.ts';
import { formatProgress } from '../terminal/progress-line.ts';
import { describePause, formatPauses } from '../views/pause-view.ts';
import { readOverview } from '../views/status-overview.ts';
import type { RunStatus } from '../views/status-run.ts';
import { beganWords, watchRuns } from '../views/status-watch.ts';
import { UsageError } from '../usage-error.ts';

const PROGRESS_INDENT = '  ';

type ShownStatus = RunStatus & { readonly exitCode: ExitCode };

/**
 * Shows where runs stand. While another process has the embedded ledger open, it shows what that process says about
 * itself.
 */
export async function statusCommand(
  argv: Readonly<Record<string, unknown>> & {
    readonly run?: string | undefined;
    readonly json?: boolean | undefined;
    readonly watch?: boolean | undefined;
  },
  host: Host,
): Promise<ExitCode> {
  if (argv.watch === true) {
    if (argv.json === true)
      throw new UsageError(
        '--watch does not end, so it cannot be one JSON document; call status --json repeatedly instead',
      );
    await withLiveRuns(host, argv, async (live) => {
      await watchRuns(live, argv.run, host);
    });
    return exitCodes.done;
  }
  try {
    const status = await withLedger<ShownStatus>(host, argv, async (ledger, { reportsPlace }) =>
      argv.run === undefined
        ? { ...(await readOverviewAndLive(ledger, host)), exitCode: exitCodes.done }
        : await readOneRun(ledger, argv.run, reportsPlace, host),
    );
    host.stdout.write(argv.json === true ? `${JSON.stringify(status.document, null, 2)}\n` : status.text);
    return status.exitCode;
  } catch (error) {
    if (!(error instanceof LedgerHeldError)) throw error;
    tellHolder(error.holder, await publishedPauses(argv, host), argv.json === true, host);
  }
  return exitCodes.done;
}

/** Loads the proof only here: it needs much of the program, and the overview needs none of it. */
async function readOneRun(
  ledger: OpenLedger,
  run: string,
  place: ReportsPlace,
  host: Host,
): Promise<ShownStatus> {
  const { readRunStatus } = await import('../views/status-run.ts');
  return await readRunStatus(ledger, run, {
    place,
    host: host.me.host,
    program: programName(host.env),
    live: ledger.engine === 'server' ? await readLiveJobs(ledger) : [],
  });
}

async function readOverviewAndLive(ledger: OpenLedger, host: Host): Promise<RunStatus> {
  const { document, text, live } = await readOverview(ledger, programName(host.env));
  return {
    document: { ...document, live: live.map(describeLive) },
    text:
      text + (live.length === 0 ? '' : '\n') + live.map((job) => liveLines(liveRunOf(job), host)).join(''),
  };
}

function describeLive(job: LiveJob): object {
  return {
    job: job.name,
    host: job.host,
    pid: job.pid,
    since: job.since.toISOString(),
    progress: job.progress,
  };
}

/** Says which process has the ledger, and how far its run is. */
function liveLines(run: LiveRun, host: Host): string {
  const style = { columns: SCREEN_COLUMNS - PROGRESS_INDENT.length, stress: (text: string) => text };
  const line =
    run.told === null ? '' : `${PROGRESS_INDENT}${formatProgress(run.told, host.clock.now(), style)}\n`;
  return flowWords(beganWords(run)) + line;
}

/** Null: the process that has the embedded ledger open has not told any. */
async function publishedPauses(
  argv: Readonly<Record<string, unknown>>,
  host: Host,
): Promise<readonly PauseUnderWay[] | null> {
  const { database } = await loadLedgerConfiguration({ flags: flagsOf(argv), env: host.env, cwd: host.cwd });
  return database.kind === 'embedded' ? await readPublishedPauses(database.folder, host.clock.now()) : null;
}

function tellHolder(
  written: unknown,
  published: readonly PauseUnderWay[] | null,
  asJson: boolean,
  host: Host,
): void {
  if (asJson) {
    const live = written === null ? [] : [written];
    const pauses = published?.map(describePause) ?? null;
    const document = { runs: [], reconciliations: [], pauses, openBreaks: {}, live };
    host.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    return;
  }
  host.stdout.write(formatPauses(published ?? []));
  const run = parseHolder(written);
  host.stdout.write(
    run === null
      ? 'Another process has the ledger open and has not said yet what it does.\n'
      : liveLines(run, host),
  );
}
