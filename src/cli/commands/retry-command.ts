import { loadLedgerConfiguration } from '../../config/configuration.ts';
import { parseAge } from '../../config/job-file/duration.ts';
import { failedClasses, retriedByDefault, isRowClass, type RowClass } from '../../domain/class.ts';
import { hasRows } from '../../domain/run-state.ts';
import type { ExitCode } from '../../domain/exit-code.ts';
import { tellingLoss, type OpenLedger } from '../../ledger/engine/open-ledger.ts';
import { countSelected, countSettledLeftOut, type RetrySelection } from '../../ledger/runs/retry-staging.ts';
import { findRunsOfLastNight, readJobsWithRows } from '../../ledger/runs/run-choice.ts';
import { findRun, readLastRuns, type RunRow } from '../../ledger/runs/run-table.ts';
import { retryJobOf } from '../../run/derived-jobs.ts';
import { retryRuns, type RetryRequest } from '../../run/retry-run.ts';
import type { RunEnvironment } from '../../run/run-environment.ts';
import { dayOfRun } from '../../report/report-settings.ts';
import { flagsOf } from '../../config/flags/flags.ts';
import type { Host } from '../host.ts';
import { UsageError } from '../usage-error.ts';
import { tellResults } from './run-command.ts';
import { ledgerAddressOf } from '../session/ledger-address.ts';
import { runNotified } from '../session/notified-start.ts';
import { openLedgerOrWait } from '../session/run-session.ts';
import { loadSourceSettings } from '../session/source-settings.ts';

interface RetryArguments {
  readonly job?: string | undefined;
  readonly run?: string | undefined;
  readonly class?: string | undefined;
  readonly code?: string | undefined;
  readonly olderThan?: string | undefined;
  readonly nights?: string | undefined;
  readonly jobFile?: string | undefined;
}

export async function retryCommand(
  argv: Readonly<Record<string, unknown>> & RetryArguments,
  host: Host,
): Promise<ExitCode> {
  const input = { flags: flagsOf(argv), env: host.env, cwd: host.cwd };
  const { database, secrets } = await loadLedgerConfiguration(input);
  host.hide(secrets);
  const { wait = false, quiet = false } = input.flags;
  const address = ledgerAddressOf(database);
  const ledger = await openLedgerOrWait(host, address, { wait, quiet });
  const sources = await tellingLoss(address, async () => await findSources(ledger, argv));
  const newest = newestOf(sources);
  const stored = await loadSourceSettings(newest, argv.jobFile, input);
  const configuration = { ...stored, job: retryJobOf(newest.job) };
  const now = host.clock.now();
  const requests = sources.map((source): RetryRequest => {
    const laterRunNos = sources.map(({ run_no: no }) => no).filter((no) => no > source.run_no);
    return { source, selection: { ...selectionOf(argv, source, now), laterRunNos } };
  });
  const results = await runNotified(host, configuration, async (environment) => {
    return await retryRuns(environment, await withSuchRows(host, environment, requests));
  });
  return tellResults(results, configuration, host);
}

/**
 * Returns the runs with rows of the kind asked for, and says so for each; where none has such rows, the newest run,
 * which reports that itself.
 */
async function withSuchRows(
  host: Host,
  { ledger, configuration }: RunEnvironment,
  requests: readonly RetryRequest[],
): Promise<readonly RetryRequest[]> {
  const { quiet } = configuration.flags;
  const found: RetryRequest[] = [];
  for (const request of requests) {
    const counts = await countSelected(ledger, request.selection);
    const settled = await countSettledLeftOut(ledger, request.selection);
    const isLast = request === requests.at(-1) && found.length === 0;
    if (counts.length > 0 || isLast) found.push(request);
    if (quiet) continue;
    if (counts.length > 0 || isLast) host.stderr.write(takenLine(request.source, counts));
    if (settled > 0) host.stderr.write(leftOutLine(settled));
  }
  return found;
}

/**
 * Returns the runs in the order in which they began. The ledger is closed again before the run opens it for itself,
 * because its settings must be known before that.
 */
async function findSources(ledger: OpenLedger, { run, job }: RetryArguments): Promise<readonly RunRow[]> {
  try {
    if (run !== undefined) return [await findNamedSource(ledger, run, job)];
    if (job !== undefined) return await findSourcesOfJob(ledger, job);
    await assertOneJob(ledger);
    return [await findLastSource(ledger)];
  } finally {
    await ledger.close();
  }
}

async function findNamedSource(ledger: OpenLedger, id: string, job: string | undefined): Promise<RunRow> {
  const named = await findRun(ledger, id);
  if (named === null) throw new UsageError(`no run ${id} in the ledger; kona-enroll status lists them`);
  if (!hasRows(named.state)) {
    throw new UsageError(`run ${id} has no rows to take: it is ${named.state}`);
  }
  if (job !== undefined && named.job !== job)
    throw new UsageError(`--job: run ${id} is of job ${named.job}, not of ${job}`);
  return withRows(named);
}

/** Returns every run of the job's last night; a glob makes several. */
async function findSourcesOfJob(ledger: OpenLedger, job: string): Promise<readonly RunRow[]> {
  const found = await findRunsOfLastNight(ledger, job);
  const [first] = found;
  if (first === undefined) {
    const others = await readJobsWithRows(ledger);
    const known = others.length === 0 ? 'it holds none' : `there are ${others.join(', ')}`;
    throw new UsageError(`--job: the ledger holds no run of job ${job} to take failures from; ${known}`);
  }
  const kept = found.filter((run) => run.purge_began_at === null);
  if (kept.length === 0) return [withRows(first)];
  const { provider } = newestOf(kept);
  const strange = kept.find((run) => run.provider !== provider);
  if (strange === undefined) return kept;
  throw new UsageError(
    `--job: the runs of that night are of several providers, ${strange.id} of "${strange.provider}" and ${newestOf(kept).id} of "${provider}": name one with --run`,
  );
}

/**
 * Refuses a ledger with several jobs, because nobody could say whose failures are meant. A job and its retries count
 * as one.
 */
async function assertOneJob(ledger: OpenLedger): Promise<void> {
  const jobs = await readJobsWithRows(ledger);
  if (new Set(jobs.map(retryJobOf)).size <= 1) return;
  throw new UsageError(
    `retry: the ledger holds several jobs (${jobs.join(', ')}): say which with --job, or name a run with --run`,
  );
}

async function findLastSource(ledger: OpenLedger): Promise<RunRow> {
  const finished = (await readLastRuns(ledger, 20)).filter((run) => hasRows(run.state));
  const unfinishedRetry = finished.find((run) => run.kind === 'retry' && run.state !== 'complete');
  const last = finished.find((run) => run !== unfinishedRetry);
  if (last === undefined) throw new UsageError('the ledger holds no run to take failures from');
  return withRows(last);
}

function newestOf(sources: readonly RunRow[]): RunRow {
  const newest = sources.at(-1);
  if (newest === undefined) throw new Error('a retry takes rows from one run at least');
  return newest;
}

function withRows(run: RunRow): RunRow {
  const { id, purge_began_at: purged } = run;
  if (purged === null) return run;
  throw new UsageError(
    `run ${id} was purged on ${dayOfRun(run, purged)}: its members are no longer known; run their list again`,
  );
}

function selectionOf(argv: RetryArguments, source: RunRow, now: Date): RetrySelection {
  return {
    sourceRunNo: source.run_no,
    classes: classesOf(argv.class, argv.code),
    code: codeOf(argv.code),
    before: beforeOf(argv.olderThan, now),
    olderThan: argv.olderThan ?? null,
    nights: nightsOf(argv.nights),
    withSettled: argv.class !== undefined || argv.code !== undefined,
  };
}

/** Returns the classes to take. A code that is named is taken in any class except success. */
function classesOf(text: string | undefined, code: string | undefined): readonly RowClass[] {
  if (text === undefined) return code === undefined ? retriedByDefault : failedClasses;
  const names = text.split(',').map((name) => name.trim());
  return names.map((name) => {
    if (!isRowClass(name)) throw new UsageError(`--class: there is no class ${name}`);
    if (name === 'rejected')
      throw new UsageError('--class: a rejected row has no record to call; correct the list');
    return name;
  });
}

function codeOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (!/^\d{3}_\d{3}$/.test(text)) throw new UsageError('--code: expected a provider code such as 007_031');
  return text;
}

function beforeOf(text: string | undefined, now: Date): Date | null {
  if (text === undefined) return null;
  const age = parseAge(text);
  if (age === null) throw new UsageError('--older-than: expected a duration of 3650d at most, such as 24h');
  return new Date(now.getTime() - age);
}

function nightsOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new UsageError('--nights: expected a number of nights such as 3');
  return Number(text);
}

function takenLine(
  source: RunRow,
  counts: readonly { readonly class: RowClass; readonly rows: number }[],
): string {
  const sum = counts.reduce((total, { rows }) => total + rows, 0);
  const parts = counts.map((one) => `${one.class} ${one.rows}`).join(' · ');
  const rows = sum === 1 ? '1 row' : `${sum === 0 ? 'no' : sum} rows`;
  return `taking ${rows} from ${source.id}${parts === '' ? '' : `: ${parts}`}\n`;
}

function leftOutLine(rows: number): string {
  const which =
    rows === 1 ? '1 row that a person has settled is' : `${rows} rows that a person has settled are`;
  return `${which} left out; --class or --code takes such rows too\n`;
}
