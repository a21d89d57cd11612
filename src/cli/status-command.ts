import { rowClasses } from '../domain/class.ts';
import { exitCodes, type ExitCode } from '../domain/exit-code.ts';
import { LedgerHeldError } from '../ledger/embedded-ledger.ts';
import { readLiveJobs, type LiveJob } from '../ledger/job-lease.ts';
import { countClasses } from '../ledger/list-row-table.ts';
import type { OpenLedger } from '../ledger/open-ledger.ts';
import { findRun, readLastRuns, type RunRow } from '../ledger/run-table.ts';
import { parseListNotes } from '../run/list-facts.ts';
import type { Host } from './host.ts';
import { withLedger } from './ledger-session.ts';
import { formatListRead } from './list-view.ts';
import { liveRunOf, parseHolder, withLiveRuns, type LiveRun } from './live-runs.ts';
import { formatProgress } from './progress-line.ts';
import { beganWords, watchRuns } from './status-watch.ts';
import { UsageError } from './usage-error.ts';
import { formatTable } from './table.ts';

const RUNS_SHOWN = 10;

/** Where runs stand. While another process has the embedded ledger open, what that process says of itself. */
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
        '--watch has no end to be one JSON document: ask with --json as often as you like',
      );
    await withLiveRuns(host, argv, async (live) => {
      await watchRuns(live, argv.run, host);
    });
    return exitCodes.done;
  }
  try {
    const status = await withLedger(host, argv, async (ledger) =>
      argv.run === undefined ? await readOverview(ledger, host) : await readOneRun(ledger, argv.run),
    );
    host.stdout.write(argv.json === true ? `${JSON.stringify(status.document, null, 2)}\n` : status.text);
  } catch (error) {
    if (!(error instanceof LedgerHeldError)) throw error;
    tellHolder(error.holder, argv.json === true, host);
  }
  return exitCodes.done;
}

interface Status {
  readonly document: unknown;
  readonly text: string;
}

async function readOverview(ledger: OpenLedger, host: Host): Promise<Status> {
  const runs = await readLastRuns(ledger, RUNS_SHOWN);
  const live = ledger.engine === 'server' ? await readLiveJobs(ledger) : [];
  const text =
    runs.length === 0
      ? 'The ledger holds no run yet.\n'
      : formatTable(
          ['run', 'state', 'exit', 'rows', 'list', 'provider'],
          runs.map((run) => [
            run.id,
            run.state,
            run.exit_code ?? '',
            run.rows_read ?? '',
            run.list_name,
            run.provider,
          ]),
        );
  return {
    document: { runs: runs.map(describe), live: live.map(describeLive) },
    text: text + live.map((job) => liveLines(liveRunOf(job), host)).join(''),
  };
}

async function readOneRun(ledger: OpenLedger, id: string): Promise<Status> {
  const run = await findRun(ledger, id);
  if (run === null)
    throw new UsageError(`no run ${id} in the ledger; kona-enroll status lists the last ones`);
  const classes = await countClasses(ledger, run.run_no);
  const notes = parseListNotes(run.list_notes);
  const present = rowClasses.filter((name) => classes[name] > 0);
  const text = [
    `Run ${run.id}: ${run.state}${run.exit_reason === null ? '' : `, ${run.exit_reason}`}\n`,
    `List ${run.list_name}, ${run.rows_read ?? 0} rows, provider ${run.provider}\n`,
    ...(notes === null ? [] : formatListRead(notes).map((line) => `${line}\n`)),
    formatTable(
      ['class', 'rows'],
      present.map((name) => [name, classes[name]]),
    ),
  ];
  return { document: { ...describe(run), listRead: notes, classes }, text: text.join('') };
}

function describe(run: RunRow): object {
  return {
    runId: run.id,
    job: run.job,
    kind: run.kind,
    state: run.state,
    provider: run.provider,
    list: { name: run.list_name, rowsRead: run.rows_read },
    exitCode: run.exit_code,
    exitReason: run.exit_reason,
    startedAt: run.started_at.toISOString(),
    finishedAt: run.finished_at?.toISOString() ?? null,
    supersededBy: run.superseded_by,
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

/** Who has it, and how far it is. */
function liveLines(run: LiveRun, host: Host): string {
  const style = { columns: Infinity, stress: (text: string) => text };
  const line = run.told === null ? '' : `    ${formatProgress(run.told, host.clock.now(), style)}\n`;
  return `  ${beganWords(run)}\n${line}`;
}

function tellHolder(written: unknown, asJson: boolean, host: Host): void {
  if (asJson) {
    host.stdout.write(`${JSON.stringify({ runs: [], live: written === null ? [] : [written] }, null, 2)}\n`);
    return;
  }
  const run = parseHolder(written);
  host.stdout.write(
    run === null
      ? 'Another process has the ledger open and has not said yet what it does.\n'
      : liveLines(run, host),
  );
}
