import { reconcileJobOf } from '../../run/derived-jobs.ts';
import {
  configurationFromSettings,
  loadJobSettings,
  loadLedgerConfiguration,
  type Configuration,
  type ConfigurationInput,
} from '../../config/configuration.ts';
import { exitCodes, type ExitCode } from '../../domain/exit-code.ts';
import { tellingLoss, type OpenLedger } from '../../ledger/engine/open-ledger.ts';
import { findLastListRun, findRun, type RunRow } from '../../ledger/runs/run-table.ts';
import { reconcileWithProvider, type ProviderReconciliation } from '../../run/members/reconcile-provider.ts';
import { countOpenBreaks } from '../../domain/reconciliation/break.ts';
import { writeBreakLists, type WrittenBreakLists } from '../../report/breaks/break-lists.ts';
import type { RunEnvironment } from '../../run/run-environment.ts';
import { describeOpenBreaks } from '../views/break-view.ts';
import { flagsOf } from '../../config/flags/flags.ts';
import type { Host } from '../host.ts';
import { programName } from '../session/program-name.ts';
import { formatProviderReconciliation } from '../views/reconcile-provider-view.ts';
import { ledgerAddressOf } from '../session/ledger-address.ts';
import { openLedgerOrWait, withRunEnvironment } from '../session/run-session.ts';
import { UsageError } from '../usage-error.ts';

export interface ReconcileProviderArguments {
  readonly run?: string | undefined;
  readonly job?: string | undefined;
  readonly jobFile?: string | undefined;
  readonly sample?: string | undefined;
}

/**
 * `reconcile --against provider`: asks for the plans of members in the ledger, under the settings of a run or a job
 * file.
 */
export async function reconcileProviderCommand(
  argv: Readonly<Record<string, unknown>> & ReconcileProviderArguments,
  host: Host,
): Promise<ExitCode> {
  const sample = sampleOf(argv.sample);
  const input = { flags: flagsOf(argv), env: host.env, cwd: host.cwd };
  const { database, secrets } = await loadLedgerConfiguration(input);
  host.hide(secrets);
  const { wait = false, quiet = false } = input.flags;
  const address = ledgerAddressOf(database);
  const ledger = await openLedgerOrWait(host, address, { wait, quiet });
  const source = await tellingLoss(address, async () => await findSource(ledger, argv));
  const stored = await settingsFor(source, argv, input);
  const configuration = { ...stored, job: reconcileJobOf(stored.job) };
  const result = await withRunEnvironment(host, configuration, async (environment) => {
    const reconciled = await reconcileWithProvider(environment, sample);
    return { reconciled, ...(await writeLists(environment, reconciled)) };
  });
  return tell(result, configuration.flags, host);
}

interface ToldLists {
  readonly lists: WrittenBreakLists | null;
  /** All open breaks for --json; empty without it. */
  readonly openBreaks: readonly object[];
}

/** Writes nothing where the command was stopped, because nothing was compared then. */
async function writeLists(
  { ledger, configuration, me }: RunEnvironment,
  { job, breaks, compared }: ProviderReconciliation,
): Promise<ToldLists> {
  if (breaks === null || compared === null) return { lists: null, openBreaks: [] };
  const { reportsDirectory, settings, flags } = configuration;
  const { language } = settings.report;
  const open = countOpenBreaks(breaks);
  const lists = await writeBreakLists({ ...compared, ledger, job, open, reportsDirectory, language, me });
  return { lists, openBreaks: flags.json ? await describeOpenBreaks(ledger, compared.selection) : [] };
}

function sampleOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^[1-9][0-9]{0,8}$/.test(text))
    throw new UsageError('--sample: expected how many members, such as 500');
  return Number(text);
}

/**
 * Returns null where a job file says everything. The ledger is closed again before it is opened for the calls,
 * because their settings must be known then.
 */
async function findSource(
  ledger: OpenLedger,
  { run: id, job, jobFile }: ReconcileProviderArguments,
): Promise<RunRow | null> {
  try {
    if (id !== undefined) {
      const named = await findRun(ledger, id);
      if (named === null) throw new UsageError(`no run ${id} in the ledger; kona-enroll status lists them`);
      if (job !== undefined && job !== named.job) {
        throw new UsageError(`--job: run ${id} is of job ${named.job}, not of ${job}`);
      }
      return named;
    }
    if (jobFile !== undefined) return null;
    const last = await findLastListRun(ledger, job ?? null);
    if (last === null) {
      const of = job === undefined ? '' : ` of job ${job}`;
      throw new UsageError(
        `the ledger holds no complete run${of} to take settings from; --job-file names a job file`,
      );
    }
    return last;
  } finally {
    await ledger.close();
  }
}

/** Returns the settings kept with the run, or those of a job file as it is now. */
async function settingsFor(
  source: RunRow | null,
  { job, jobFile }: ReconcileProviderArguments,
  input: ConfigurationInput,
): Promise<Configuration> {
  if (jobFile !== undefined) {
    const configuration = await loadJobSettings({ ...input, jobFile });
    const wanted = source?.job ?? job ?? configuration.job;
    if (configuration.job !== wanted) {
      throw new UsageError(`--job-file: it is of job ${configuration.job}, not of ${wanted}`);
    }
    const provider = source?.provider ?? configuration.providerName;
    if (configuration.providerName !== provider) {
      throw new UsageError(
        `--job-file: the run belongs to the provider "${provider}", not to "${configuration.providerName}"`,
      );
    }
    return configuration;
  }
  if (source === null) throw new Error('without a job file there is a run');
  const configuration = await configurationFromSettings(source.settings, input);
  return { ...configuration, job: source.job };
}

function tell(
  { reconciled, lists, openBreaks }: ToldLists & { readonly reconciled: ProviderReconciliation },
  flags: { readonly json: boolean; readonly allowFailures: boolean },
  host: Host,
): ExitCode {
  const { id, first: _first, compared: _compared, ...figures } = reconciled;
  const document = { against: 'provider', reconciliationId: id, ...figures, openBreaks, breakLists: lists };
  host.stdout.write(
    flags.json
      ? `${JSON.stringify(document, null, 2)}\n`
      : formatProviderReconciliation(reconciled, lists, programName(host.env)),
  );
  const isFailure =
    reconciled.exitCode === exitCodes.notEnrolled || reconciled.exitCode === exitCodes.unclear;
  return flags.allowFailures && isFailure ? exitCodes.done : reconciled.exitCode;
}
