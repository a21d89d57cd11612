import { fault, fine, doubt, type Finding } from '../../domain/setup/finding.ts';
import { problemsOf, valid, type Checked } from '../checked.ts';
import { collectSecrets } from '../collect-secrets.ts';
import { listOptionsOf, type Configuration, type ConfigurationInput } from '../configuration.ts';
import { ConfigurationError } from '../configuration-error.ts';
import { findLists, listSecrets, type FoundLists } from '../configured-list.ts';
import { resolveDatabase, type DatabaseConfiguration } from '../database-configuration.ts';
import { openEnvironment, type Environment } from '../environment.ts';
import { checkFlags, type CheckedFlags } from '../flags/flags.ts';
import { jobFileSchema } from '../job-file/job-file-schema.ts';
import { isJobFileName, readJobFile, type WrittenJobFile } from '../job-file/job-file.ts';
import { formatRates } from '../job-file/rate-limit.ts';
import { formatClockTime } from '../job-file/call-hours-settings.ts';
import { resolveProvider, type ProviderConfiguration } from '../provider/provider-configuration.ts';
import { resolveProviderSettings } from '../provider/provider-settings.ts';
import { resolveTransport } from '../provider/transport-configuration.ts';
import { reportsDirectoryOf } from '../reports-directory.ts';
import { settingsOfJobFile, type RunSettingsDraft } from '../run-settings.ts';
import type { Secret } from '../secret.ts';

/** A set-up as far as it can be read. An unreadable part is null, and a finding says why. */
export interface SetUp {
  readonly findings: readonly Finding[];
  readonly environment: Environment;
  /** The job file's settings; the defaults where no job file is named, null where it can't be used. */
  readonly settings: RunSettingsDraft | null;
  /** Null: no job file is named, or its list can't be found. */
  readonly lists: FoundLists | null;
  readonly listOptions: Configuration['listOptions'] | null;
  readonly provider: ProviderConfiguration | null;
  readonly database: DatabaseConfiguration | null;
  /** Absolute path. */
  readonly reportsDirectory: string;
  readonly secrets: readonly Secret[];
}

/**
 * Reads a set-up part by part, so that one fault does not hide others. `jobFile`: null where only the environment is
 * checked. Connects to nothing. Throws ConfigurationError only for wrong flags.
 */
export async function inspectSetUp(
  input: ConfigurationInput & { readonly jobFile: string | null },
): Promise<SetUp> {
  const flags = checkFlags(input.flags);
  if (flags.kind === 'refused') throw new ConfigurationError(flags.problems);
  const opened = await openEnvironment(input.env, input.cwd);
  const environment = opened.kind === 'valid' ? opened.value : { layers: [input.env], cwd: input.cwd };
  const database = await resolveDatabase(flags.value.databaseUrl, environment);
  const job = await inspectJob(input.jobFile, flags.value, environment);
  const provider = await inspectProvider(job, input.jobFile, environment);
  const directory = reportsDirectoryOf(job.settings?.report.directory ?? 'runs', {
    cwd: input.cwd,
    flag: flags.value.reports,
  });
  const lists = job.lists;
  return {
    findings: [
      ...faults('.env', opened, 'correct these lines'),
      ...job.findings,
      ...provider.findings,
      ...faults('ledger', database, 'correct it; docs/commands.md has its forms'),
    ],
    environment,
    settings: job.settings,
    lists,
    listOptions: job.settings === null ? null : listOptionsOf(job.settings.list, flags.value),
    provider: provider.provider,
    database: valueOf(database),
    reportsDirectory: directory,
    secrets: [
      ...(await collectSecrets(environment, valueOf(database))),
      ...(lists === null ? [] : listSecrets(lists.lists)),
    ],
  };
}

interface InspectedJob {
  readonly findings: readonly Finding[];
  /** The job file as it is written; null where it can't be used. */
  readonly jobFile: WrittenJobFile | null;
  readonly settings: RunSettingsDraft | null;
  readonly lists: FoundLists | null;
}

async function inspectJob(
  name: string | null,
  flags: CheckedFlags,
  environment: Environment,
): Promise<InspectedJob> {
  const read = await readJob(name, environment);
  const broken = { jobFile: null, settings: null, lists: null };
  const cure = 'correct it: docs/job-file.md has every key';
  if (read.kind === 'refused') return { ...broken, findings: faults('job file', read, cure) };
  const jobFile = read.value;
  // The provider is checked separately.
  const settings = settingsOfJobFile({ ...jobFile, provider: 'sandbox' }, flags, environment);
  if (settings.kind === 'refused') return { ...broken, findings: faults('job file', settings, cure) };
  const told = name === null ? [] : [fine('job file', jobWords(name, settings.value))];
  const lists = name === null ? null : await findLists(settings.value.list, jobFile, environment.cwd);
  return {
    findings: [
      ...told,
      ...(lists === null ? [] : faults('list', lists, 'put the file there, or correct its path')),
      ...(lists?.kind === 'valid' ? lists.value.doubts.map((words) => doubt('list', words)) : []),
    ],
    jobFile,
    settings: settings.value,
    lists: lists === null ? null : valueOf(lists),
  };
}

async function readJob(name: string | null, environment: Environment): Promise<Checked<WrittenJobFile>> {
  if (name !== null) {
    if (!isJobFileName(name)) throw new ConfigurationError([`${name}: expected a job file (.yaml)`]);
    return await readJobFile(name, environment);
  }
  const defaults = jobFileSchema.parse({ job: 'doctor', list: { csv: '-' } });
  return valid({ ...defaults, writtenLanguage: null, listUrlFrom: '' });
}

function jobWords(name: string, { job, limits, windows }: RunSettingsDraft): string {
  const { stopAt } = windows;
  const until = stopAt === null ? '' : `, until ${formatClockTime(stopAt)}`;
  return `${name}: job ${job}, ${formatRates(limits.rates)}${until}`;
}

interface InspectedProvider {
  readonly findings: readonly Finding[];
  readonly provider: ProviderConfiguration | null;
}

/** Resolves the provider. Where the job file can't be read, the environment may still name one. */
async function inspectProvider(
  { jobFile, settings }: InspectedJob,
  name: string | null,
  environment: Environment,
): Promise<InspectedProvider> {
  const found = resolveProviderSettings(jobFile?.provider, environment);
  if (found.kind === 'refused') {
    if (jobFile === null)
      return nothing(doubt('provider', 'not looked at, because the job file can’t be read'));
    const told = faults('provider', found, 'write its address as KONA_BASE_URL into .env');
    return { findings: name === null ? told.map(asDoubt) : told, provider: null };
  }
  const provider = await resolveProvider(found.value, settings?.verify.encryption ?? null, environment);
  if (provider.kind === 'valid') return { findings: [], provider: provider.value };
  const transport =
    found.value.kind === 'sandbox' ? valid(null) : await resolveTransport(found.value.baseUrl, environment);
  const ofTransport = problemsOf(transport);
  const ofKeys = provider.problems.filter((problem) => !ofTransport.includes(problem));
  return {
    findings: [
      ...ofKeys.map((problem) =>
        fault('keys', problem, 'write it into .env as the provider’s portal shows it'),
      ),
      ...ofTransport.map((problem) => fault('connection', problem, 'docs/gateways.md says how it is set')),
    ],
    provider: null,
  };
}

function nothing(...findings: readonly Finding[]): InspectedProvider {
  return { findings, provider: null };
}

function asDoubt(finding: Finding): Finding {
  return { ...finding, level: 'warn' };
}

function faults(about: string, checked: Checked<unknown>, cure: string): Finding[] {
  return problemsOf(checked).map((problem) => fault(about, problem, cure));
}

function valueOf<T>(checked: Checked<T>): T | null {
  return checked.kind === 'valid' ? checked.value : null;
}
