import {
  configurationFromSettings,
  loadJobSettings,
  loadLedgerConfiguration,
  type Configuration,
  type ConfigurationInput,
} from '../../config/configuration.ts';
import { parseAge } from '../../config/job-file/duration.ts';
import { failedClasses, isRowClass, type RowClass } from '../../domain/class.ts';
import type { ExitCode } from '../../domain/exit-code.ts';
import type { OpenLedger } from '../../ledger/engine/open-ledger.ts';
import { countSelected, countSettledLeftOut, type RetrySelection } from '../../ledger/runs/retry-staging.ts';
import { findRun, readLastRuns, type RunRow } from '../../ledger/runs/run-table.ts';
import { retriedByDefault, retryJobOf, retryRun } from '../../run/retry-run.ts';
import { flagsOf } from '../session/flag-definitions.ts';
import type { Host } from '../host.ts';
import { UsageError } from '../usage-error.ts';
import { tellResults } from './run-command.ts';
import { ledgerAddressOf } from '../session/ledger-address.ts';
import { openLedgerOrWait, withRunEnvironment } from '../session/run-session.ts';

interface RetryArguments {
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
  const ledger = await openLedgerOrWait(host, ledgerAddressOf(database), { wait, quiet });
  const source = await findSource(ledger, argv.run);
  const stored = await settingsFor(source, argv.jobFile, input);
  const configuration = { ...stored, job: retryJobOf(source.job) };
  const selection = selectionOf(argv, source, host.clock.now());
  const result = await withRunEnvironment(host, configuration, async (environment) => {
    const counts = await countSelected(environment.ledger, selection);
    const settled = await countSettledLeftOut(environment.ledger, selection);
    if (!configuration.flags.quiet) {
      host.stderr.write(takenLine(source, counts));
      if (settled > 0) host.stderr.write(leftOutLine(settled));
    }
    return await retryRun(environment, source, selection);
  });
  return tellResults([result], configuration.flags, host);
}

/** Those kept with the run, or a job file's as it is now: after a rule was changed, say. */
async function settingsFor(
  source: RunRow,
  jobFile: string | undefined,
  input: ConfigurationInput,
): Promise<Configuration> {
  if (jobFile === undefined) return await configurationFromSettings(source.settings, input);
  const configuration = await loadJobSettings({ ...input, jobFile });
  if (retryJobOf(configuration.job) !== retryJobOf(source.job)) {
    throw new UsageError(`--job-file: run ${source.id} is of job ${source.job}, not of ${configuration.job}`);
  }
  if (configuration.providerName !== source.provider) {
    throw new UsageError(
      `--job-file: run ${source.id} belongs to the provider "${source.provider}", not to "${configuration.providerName}"`,
    );
  }
  return configuration;
}

/** Closed again before the run opens the ledger for itself: its settings must be known before that. */
async function findSource(ledger: OpenLedger, id: string | undefined): Promise<RunRow> {
  try {
    if (id !== undefined) {
      const named = await findRun(ledger, id);
      if (named === null) throw new UsageError(`no run ${id} in the ledger; kona-enroll status lists them`);
      if (named.state === 'staging' || named.state === 'refused') {
        throw new UsageError(`run ${id} has no rows to take: it is ${named.state}`);
      }
      return withRows(named);
    }
    const finished = (await readLastRuns(ledger, 20)).filter(
      (run) => run.state !== 'staging' && run.state !== 'refused',
    );
    const unfinishedRetry = finished.find((run) => run.kind === 'retry' && run.state !== 'complete');
    const last = finished.find((run) => run !== unfinishedRetry);
    if (last === undefined) throw new UsageError('the ledger holds no run to take failures from');
    return withRows(last);
  } finally {
    await ledger.close();
  }
}

function withRows(run: RunRow): RunRow {
  const { id, purge_began_at: purged } = run;
  if (purged === null) return run;
  throw new UsageError(
    `run ${id} was purged on ${purged.toISOString().slice(0, 10)}: nobody knows any more whose rows it had; hand in their list again`,
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

/** A code that is named is asked for whatever class it stands for, short of success. */
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
