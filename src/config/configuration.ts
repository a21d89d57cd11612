import path from 'node:path';
import { jobNameOfListFile } from '../domain/identity/run-id.ts';
import { whyNotGiven } from '../domain/provider-code.ts';
import { ConfigurationError } from './configuration-error.ts';
import { problemsOf, refused, valid, type Checked } from './checked.ts';
import { collectSecrets } from './collect-secrets.ts';
import {
  findLists,
  isStandardInput,
  listSecrets,
  withoutDoubt,
  type ConfiguredList,
  type FoundLists,
  type Inbox,
} from './configured-list.ts';
import { resolveDatabase, type DatabaseConfiguration } from './database-configuration.ts';
import { deepFreeze } from './deep-freeze.ts';
import { openEnvironment, type Environment, type Variables } from './environment.ts';
import { checkFlags, type CheckedFlags, type FlagSettings } from './flags/flags.ts';
import type { Flags } from './flags/flag-table.ts';
import { jobFileSchema } from './job-file/job-file-schema.ts';
import { isJobFileName, readJobFile, type WrittenJobFile } from './job-file/job-file.ts';
import {
  providerNameOf,
  resolveProvider,
  type ProviderConfiguration,
} from './provider/provider-configuration.ts';
import {
  overrideByFlags,
  parseRunSettings,
  settingsOfJobFile,
  type RunSettings,
  type RunSettingsDraft,
} from './run-settings.ts';
import { settingsOfHandedBack, type HandedBackFile, type ListSettings } from './job-file/list-settings.ts';
import { notifySecrets, resolveNotification, type NotifySettings } from './notification.ts';
import { reportsDirectoryOf, type ReportsPlace } from './reports-directory.ts';
import type { Secret } from './secret.ts';

/** Everything a run needs to know, checked and frozen. Holds secrets only as `Secret`. */
export interface Configuration {
  readonly job: string;
  /** Lists in name order; each file of a glob is one run. Empty for a run whose list is the ledger. */
  readonly lists: readonly ConfiguredList[];
  /**
   * The folder into which lists are put, which are read only under the job's lock; null: the lists are those above.
   */
  readonly inbox: Inbox | null;
  /** Sentences about files near the lists that somebody may have meant too, or may not have meant. */
  readonly listDoubts: readonly string[];
  readonly listOptions: Omit<ListSettings, 'source'> & {
    /** `--yes`: a person has checked a list that looks damaged. */
    readonly saidYes: boolean;
  };
  readonly provider: ProviderConfiguration;
  readonly providerName: string;
  readonly limits: RunSettings['limits'];
  readonly retry: RunSettings['retry'];
  readonly verify: RunSettings['verify'];
  readonly timeZone: string;
  readonly windows: RunSettings['windows'];
  /** The cron line on which `serve` starts the job, in `timeZone`; null: it has none. */
  readonly schedule: string | null;
  /** People may upload lists for it at the desk of `serve`. */
  readonly hasDesk: boolean;
  readonly outcomes: RunSettings['outcomes'];
  readonly guards: RunSettings['guards'];
  readonly database: DatabaseConfiguration;
  /** Absolute path, made from the settings below and the working folder. */
  readonly reportsDirectory: string;
  readonly reportsPlace: ReportsPlace;
  readonly flags: FlagSettings;
  /** Who is notified how this start went, as the job file says; never kept with a run. Null: nobody. */
  readonly notify: NotifySettings | null;
  /** Absolute path of the file to which this start writes its metrics, as the job file says; null: none. */
  readonly metricsTextfile: string | null;
  /** The settings to keep with the run; `configurationFromSettings` reads them back. */
  readonly settings: RunSettings;
  /** Messages to people get the Korean sentence below the English one, because a flag or the job file asks for it. */
  readonly inKoreanToo: boolean;
  /** Every secret at hand, used or not; `redactor` needs them. */
  readonly secrets: readonly Secret[];
}

/** The configuration of a command that only reads the ledger. */
export type LedgerConfiguration = Pick<Configuration, 'database' | 'reportsPlace' | 'flags' | 'secrets'>;

export interface ConfigurationInput {
  readonly flags: Flags;
  readonly env: Variables;
  /** Absolute path at which relative paths and `.env` start. */
  readonly cwd: string;
}

/**
 * Loads the configuration of a start. `target` is a job file (.yaml, .yml), a list file, or `-` for standard input.
 * Throws ConfigurationError.
 */
export async function loadConfiguration(
  input: ConfigurationInput & { readonly target: string },
): Promise<Configuration> {
  const { settings, jobFile, flags, environment } = await readSettings(input, input.target);
  const isBareFile = !isJobFileName(input.target) && !isStandardInput(input.target);
  // The name of a bare file is not a pattern.
  const lists: Checked<FoundLists> = isBareFile
    ? valid(withoutDoubt([{ kind: 'file', path: path.resolve(input.cwd, input.target), sheet: flags.sheet }]))
    : await findLists(settings.list, jobFile, input.cwd);
  return await assemble(settings, lists, flags, environment, jobFile);
}

/** Loads a job file's settings for a run whose list is the ledger. Throws ConfigurationError. */
export async function loadJobSettings(
  input: ConfigurationInput & { readonly jobFile: string },
): Promise<Configuration> {
  if (!isJobFileName(input.jobFile)) {
    throw new ConfigurationError([`${input.jobFile}: expected a job file (.yaml)`]);
  }
  const { settings, jobFile, flags, environment } = await readSettings(input, input.jobFile);
  return await assemble(settings, valid(withoutDoubt([])), flags, environment, jobFile);
}

async function readSettings(
  input: ConfigurationInput,
  target: string,
): Promise<{
  settings: RunSettingsDraft;
  jobFile: WrittenJobFile;
  flags: CheckedFlags;
  environment: Environment;
}> {
  const flags = checkFlags(input.flags);
  const environment = await openEnvironment(input.env, input.cwd);
  if (flags.kind === 'refused' || environment.kind === 'refused') {
    throw new ConfigurationError(problemsOf(flags, environment));
  }
  const jobFile = accepted(await readTarget(target, environment.value));
  const settings = accepted(settingsOfJobFile(jobFile, flags.value, environment.value));
  return { settings, jobFile, flags: flags.value, environment: environment.value };
}

/** Loads the configuration of commands without a job file. Throws ConfigurationError. */
export async function loadLedgerConfiguration(input: ConfigurationInput): Promise<LedgerConfiguration> {
  const flags = accepted(checkFlags(input.flags));
  const environment = accepted(await openEnvironment(input.env, input.cwd));
  const database = accepted(await resolveDatabase(flags.databaseUrl, environment));
  return deepFreeze({
    database,
    reportsPlace: { cwd: input.cwd, flag: flags.reports },
    flags: withoutUrl(flags),
    secrets: await collectSecrets(environment, database),
  });
}

/**
 * Returns a configuration for a run whose list is the ledger: an earlier run's settings with today's environment and
 * flags. Throws ConfigurationError, also where today's credentials belong to another provider than the run's.
 */
export async function configurationFromSettings(
  stored: unknown,
  input: ConfigurationInput,
): Promise<Configuration> {
  const flags = accepted(checkFlags(input.flags));
  const environment = accepted(await openEnvironment(input.env, input.cwd));
  const settings = accepted(parseRunSettings(stored));
  refuseOldOutcomes(settings.outcomes);
  const configuration = await assemble(
    overrideByFlags(settings, flags),
    valid(withoutDoubt([])),
    flags,
    environment,
  );
  if (configuration.providerName === settings.providerName) return configuration;
  throw new ConfigurationError([
    `this run belongs to the provider "${settings.providerName}", but the environment names the provider "${configuration.providerName}"`,
  ]);
}

/** Refuses outcomes that an older version of the program allowed in a job file and this one no longer acts on. */
function refuseOldOutcomes(outcomes: RunSettings['outcomes']): void {
  const reasons = Object.entries(outcomes).flatMap(([code, given]) => whyNotGiven(code, given) ?? []);
  if (reasons.length === 0) return;
  throw new ConfigurationError(
    reasons.map(
      (why) => `the settings kept with this run have outcomes: ${why}; give others with --job-file`,
    ),
  );
}

/**
 * Returns a configuration for one of our own lists that is handed back: all settings kept with the run its rows come
 * from, or those of a job file, except for the list itself. Their columns and reading settings apply. Throws
 * ConfigurationError.
 */
export async function configurationOfHandedBack(
  from: { readonly stored: unknown } | { readonly jobFile: string },
  input: ConfigurationInput & { readonly file: HandedBackFile; readonly job: string },
): Promise<Configuration> {
  const { file, job } = input;
  const found =
    'jobFile' in from
      ? await loadJobSettings({ ...input, jobFile: from.jobFile })
      : await configurationFromSettings(from.stored, input);
  const flags = accepted(checkFlags(input.flags));
  const list = accepted(settingsOfHandedBack(found.settings.list, file, flags));
  return deepFreeze({
    ...found,
    job,
    lists: [{ kind: 'file', path: file.path, sheet: flags.sheet }],
    inbox: null,
    listOptions: listOptionsOf(list, flags),
    settings: { ...found.settings, list },
  });
}

async function readTarget(target: string, environment: Environment): Promise<Checked<WrittenJobFile>> {
  if (target.trim() === '') return refused('give a job file or a list file');
  if (isJobFileName(target)) return readJobFile(target, environment);
  const name = isStandardInput(target) ? 'stdin' : path.basename(target);
  const jobFile = jobFileSchema.parse({ job: jobNameOfListFile(name), list: { csv: target } });
  return valid({ ...jobFile, writtenLanguage: null, listUrlFrom: '' });
}

async function assemble(
  draft: RunSettingsDraft,
  lists: Checked<FoundLists>,
  flags: CheckedFlags,
  environment: Environment,
  /** The parts of the job file that are not kept with a run; null where the settings are those of an earlier run. */
  jobFile: Pick<WrittenJobFile, 'writtenLanguage' | 'notify' | 'metrics' | 'schedule' | 'desk'> | null = null,
): Promise<Configuration> {
  const provider = await resolveProvider(draft.provider, draft.verify.encryption, environment);
  const database = await resolveDatabase(flags.databaseUrl, environment);
  const notify = await resolveNotification(jobFile?.notify, environment);
  if (
    provider.kind === 'refused' ||
    database.kind === 'refused' ||
    lists.kind === 'refused' ||
    notify.kind === 'refused'
  ) {
    throw new ConfigurationError(problemsOf(provider, database, lists, notify));
  }
  const providerName = providerNameOf(provider.value);
  const settings: RunSettings = structuredClone({ ...draft, providerName });
  const reportsPlace = { cwd: environment.cwd, flag: flags.reports };
  const textfile = jobFile?.metrics?.textfile;
  return deepFreeze({
    job: settings.job,
    lists: lists.value.lists,
    inbox: lists.value.inbox,
    listDoubts: lists.value.doubts,
    listOptions: listOptionsOf(settings.list, flags),
    provider: provider.value,
    providerName,
    limits: settings.limits,
    retry: settings.retry,
    verify: settings.verify,
    timeZone: settings.timeZone,
    windows: settings.windows,
    schedule: jobFile?.schedule ?? null,
    hasDesk: jobFile?.desk.upload ?? false,
    outcomes: settings.outcomes,
    guards: settings.guards,
    database: database.value,
    reportsDirectory: reportsDirectoryOf(settings.report.directory, reportsPlace),
    reportsPlace,
    flags: withoutUrl(flags),
    notify: notify.value,
    metricsTextfile: textfile === undefined ? null : path.resolve(environment.cwd, textfile),
    settings,
    inKoreanToo: (flags.lang ?? jobFile?.writtenLanguage ?? null) === 'ko',
    secrets: [
      ...(await collectSecrets(environment, database.value)),
      ...listSecrets(lists.value.lists),
      ...notifySecrets(notify.value),
    ],
  });
}

export function listOptionsOf(list: ListSettings, flags: CheckedFlags): Configuration['listOptions'] {
  const { source: _source, ...options } = list;
  return { ...options, saidYes: flags.yes };
}

/** Removes the ledger's URL, which may hold a password; `database` holds it as a secret. */
function withoutUrl(flags: CheckedFlags): FlagSettings {
  return { ...flags, databaseUrl: null };
}

function accepted<T>(checked: Checked<T>): T {
  if (checked.kind === 'refused') throw new ConfigurationError(checked.problems);
  return checked.value;
}
