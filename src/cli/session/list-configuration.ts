import path from 'node:path';
import {
  configurationOfHandedBack,
  loadConfiguration,
  loadJobSettings,
  loadLedgerConfiguration,
  type Configuration,
  type ConfigurationInput,
} from '../../config/configuration.ts';
import { ConfigurationError } from '../../config/configuration-error.ts';
import { isStandardInput } from '../../config/configured-list.ts';
import type { HandedBackFile } from '../../config/job-file/list-settings.ts';
import { isJobFileName } from '../../config/job-file/job-file.ts';
import { listEncodings } from '../../config/job-file/setting-schemas.ts';
import { quoteName } from '../../domain/untrusted-text.ts';
import { readNamedRuns, type NamedRuns } from '../../intake/named-runs.ts';
import { tellingLoss } from '../../ledger/engine/open-ledger.ts';
import type { RunRow } from '../../ledger/runs/run-table.ts';
import { findHandedBackSource, HandedBackError, type UnknownRuns } from '../../run/handed-back-source.ts';
import { retryJobOf } from '../../run/derived-jobs.ts';
import type { ConfigureHandedBack } from '../../service/inbox/run-inbox.ts';
import type { Host } from '../host.ts';
import { withReceivedInput, withStandardInput } from '../terminal/standard-input.ts';
import { UsageError } from '../usage-error.ts';
import { flagsOf } from '../../config/flags/flags.ts';
import { ledgerAddressOf } from './ledger-address.ts';
import { openLedgerOrWait } from './run-session.ts';
import { assertJobFileOf } from './source-settings.ts';

/** The arguments of a command that reads a list. */
export interface ListArguments {
  readonly target: string;
  readonly jobFile?: string | undefined;
}

/** A list of ours that a person hands back, and the flags given with it. */
interface HandedBack {
  readonly found: NamedRuns;
  readonly file: HandedBackFile;
  readonly jobFile: string | undefined;
  readonly input: ConfigurationInput;
}

/**
 * Does `work` under the configuration of what was named: a job file, a list file or standard input. A list of ours
 * that is handed back runs under the settings of the run its rows come from, or those of `--job-file`.
 */
export async function withListConfiguration<Result>(
  host: Host,
  argv: Readonly<Record<string, unknown>> & ListArguments,
  work: (configuration: Configuration) => Promise<Result>,
): Promise<Result> {
  const { target, jobFile } = argv;
  const input: ConfigurationInput = { flags: flagsOf(argv), env: host.env, cwd: host.cwd };
  // A list may be refused before its settings are known.
  if (input.flags.lang === 'ko') host.useKorean();
  if (isJobFileName(target)) {
    if (jobFile !== undefined)
      throw new UsageError(
        `--job-file goes with a list of ours that is handed back; ${target} is a job file`,
      );
    return await withStandardInput(host, await loadConfiguration({ ...input, target }), work);
  }
  if (!isStandardInput(target)) {
    const file = path.resolve(host.cwd, target);
    return await work(await configurationOfList(host, { target, jobFile, file }, input));
  }
  return await withReceivedInput(host, async (file) => {
    const configuration = await configurationOfList(host, { target, jobFile, file }, input);
    return await work({ ...configuration, lists: [{ kind: 'file', path: file, sheet: sheetOf(input) }] });
  });
}

function sheetOf({ flags }: ConfigurationInput): string | null {
  return flags.sheet ?? null;
}

/** `file`: absolute path of the list's bytes. */
async function configurationOfList(
  host: Host,
  { target, jobFile, file }: ListArguments & { readonly file: string },
  input: ConfigurationInput,
): Promise<Configuration> {
  const encoding = listEncodings.find((known) => known === input.flags.encoding) ?? 'auto';
  const found = await readNamedRuns({ kind: 'file', path: file, sheet: sheetOf(input) }, encoding);
  if (found === null) {
    if (jobFile === undefined) return await loadConfiguration({ ...input, target });
    throw new UsageError(
      `--job-file goes with a list of ours that is handed back, which ${target} is not; name it in list: of ${jobFile} and run that`,
    );
  }
  const named: HandedBackFile = { name: target, path: file, isEncodingSure: isSure(found) };
  return await configurationOfOurs(host, { found, file: named, jobFile, input });
}

async function configurationOfOurs(host: Host, handedBack: HandedBack): Promise<Configuration> {
  const { found, file, jobFile, input } = handedBack;
  if (jobFile !== undefined) return await underJobFile(host, jobFile, handedBack);
  const name = path.basename(file.path);
  if (found.runs.length === 0) {
    const configuration = await loadConfiguration({ ...input, target: file.name });
    const why =
      found.runColumn === null
        ? 'of an older version, whose rows do not name their run'
        : 'and none of its rows names its run';
    tell(
      host,
      input,
      `${name} is a list of ours ${why}: it runs as job ${configuration.job}, under the environment's settings; --job-file gives others`,
    );
    return configuration;
  }
  const source = await findSource(host, handedBack, 'refuse');
  if (source === null) throw new Error('a list that names runs has none');
  const job = retryJobOf(source.job);
  tellOurs(host, input, { name, job, settings: `run ${source.id}` });
  return await configurationOfHandedBack({ stored: source.settings }, { ...input, file, job });
}

/** Runs under a job file need no run in the ledger: the file says everything. */
async function underJobFile(host: Host, jobFile: string, handedBack: HandedBack): Promise<Configuration> {
  const { file, input } = handedBack;
  const settings = await loadJobSettings({ ...input, jobFile });
  const source = await findSource(host, handedBack, 'pass');
  if (source !== null) assertJobFileOf(source, settings);
  const job = retryJobOf(settings.job);
  tellOurs(host, input, { name: path.basename(file.path), job, settings: jobFile });
  return await configurationOfHandedBack({ jobFile }, { ...input, file, job });
}

/**
 * Finds the source run. The ledger is closed again before the run opens it for itself, because its settings must be
 * known before that.
 */
async function findSource(
  host: Host,
  { found, file, input }: HandedBack,
  unknown: UnknownRuns,
): Promise<RunRow | null> {
  if (found.runs.length === 0) return null;
  const { database, secrets } = await loadLedgerConfiguration(input);
  host.hide(secrets);
  const { wait = false, quiet = false } = input.flags;
  const address = ledgerAddressOf(database);
  const ledger = await openLedgerOrWait(host, address, { wait, quiet });
  try {
    const named = { name: path.basename(file.path), runs: found.runs };
    return await tellingLoss(address, async () => await findHandedBackSource(ledger, named, unknown));
  } finally {
    await ledger.close();
  }
}

function tellOurs(
  host: Pick<Host, 'stderr'>,
  input: ConfigurationInput,
  { name, job, settings }: { readonly name: string; readonly job: string; readonly settings: string },
): void {
  tell(
    host,
    input,
    `${quoteName(name)} is a list of ours: it runs as job ${job}, under the settings of ${settings}`,
  );
}

function tell(host: Pick<Host, 'stderr'>, { flags }: ConfigurationInput, sentence: string): void {
  if (flags.quiet !== true) host.stderr.write(`${sentence}\n`);
}

/** What configuring a list needs of its process. */
export type ConfiguringHost = Pick<Host, 'env' | 'cwd' | 'stderr'>;

const PLACES_KO = { 'the inbox': '수신함', 'the upload desk': '업로드 화면' } as const;

/**
 * Returns a function that configures lists of ours in a job's inbox, or uploaded for it, like lists handed back by hand, but
 * only for this job, whose provider the start calls. The function rejects with HandedBackError where that is impossible.
 */
export function createHandedBackConfigurer(
  host: ConfiguringHost,
  argv: Readonly<Record<string, unknown>>,
  { job: placeJob }: Configuration,
  place: 'the inbox' | 'the upload desk',
): ConfigureHandedBack {
  const input: ConfigurationInput = { flags: flagsOf(argv), env: host.env, cwd: host.cwd };
  return async ({ ledger }, { name, path: file }, found) => {
    const source = await findHandedBackSource(ledger, { name, runs: found.runs }, 'refuse');
    if (source === null) throw new Error('a list that names runs has none');
    const job = retryJobOf(source.job);
    if (job !== retryJobOf(placeJob)) {
      throw new HandedBackError({
        en: `${name} is a list of ours with rows of job ${source.job}, and this is ${place} of job ${placeJob}; hand it back there, or run it by hand`,
        ko: `${name} 파일은 작업 ${source.job}의 결과 파일인데, 여기는 작업 ${placeJob}의 ${PLACES_KO[place]}입니다. 작업 ${source.job}에 다시 제출해 주십시오.`,
      });
    }
    try {
      const named: HandedBackFile = { name, path: file, isEncodingSure: isSure(found) };
      const configuration = await configurationOfHandedBack(
        { stored: source.settings },
        { ...input, file: named, job },
      );
      tellOurs(host, input, { name, job, settings: `run ${source.id}` });
      return configuration;
    } catch (error) {
      if (error instanceof ConfigurationError)
        throw new HandedBackError({
          en: `${name}: ${error.message}`,
          ko: `${name}: 그 실행의 설정으로는 실행할 수 없습니다. 운영 담당자에게 알려 주십시오. (${error.message})`,
        });
      throw error;
    }
  };
}

/** The file itself tells its encoding, as our own files do. */
function isSure({ verdict }: NamedRuns): boolean {
  return verdict === null || ['mark', 'ascii', 'utf-8'].includes(verdict.how);
}
