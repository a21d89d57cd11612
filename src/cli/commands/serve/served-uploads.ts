import { join } from 'node:path';
import { worstEnd } from '../../../domain/exit-cause.ts';
import type { UploadEnd } from '../../../ledger/desk/upload-requests.ts';
import type { DeskOptions } from '../../../desk/server/desk-options.ts';
import type { LedgerAddress, OpenLedger } from '../../../ledger/engine/open-ledger.ts';
import type { UploadReader } from '../../../desk/uploads/upload-reader.ts';
import type { Bell } from '../../../service/serve/bell.ts';
import type { UploadRequestOptions } from '../../../service/serve/do-upload.ts';
import type { Host } from '../../host.ts';
import { figuresOfRun } from './served-figures.ts';
import type { ServedJob } from '../../../service/serve/served-job.ts';
import { runUpload, type AskedUpload } from '../../../service/uploads/run-upload.ts';
import { uploadFolder } from '../../../service/uploads/upload-place.ts';
import { describeFailure, reportFailure, tellFailure } from '../../failure.ts';
import { logFailure } from '../../session/failure-log.ts';
import { runNotified } from '../../session/notified-start.ts';
import { ReadingProcess } from './reading-process.ts';
import { configurationOfUpload, jobFileOf } from './upload-configuration.ts';
import { tellResults } from '../run-command.ts';
import type { ServedHost, ServedHosts } from './served-host.ts';

export interface ServedUploadOptions {
  readonly host: Host;
  readonly hosts: ServedHosts;
  /** The flags that say how a run goes. */
  readonly words: Readonly<Record<string, unknown>>;
  readonly ledger: OpenLedger;
  readonly address: LedgerAddress;
  readonly jobs: readonly ServedJob[];
  readonly bell: Bell;
}

/** What the desk and the queue need of us to plan, follow and make the runs of uploads. */
export interface ServedUploads {
  readonly desk: Pick<DeskOptions, 'configure' | 'figuresOf' | 'asked' | 'reader'>;
  readonly run: UploadRequestOptions['runUpload'];
}

export function createServedUploads(options: ServedUploadOptions): ServedUploads {
  const { host, words, ledger, jobs, bell } = options;
  return {
    desk: {
      configure: async ({ job, path, saidYes }) => {
        const jobFile = jobFileOf(jobs, job);
        return await configurationOfUpload(host, ledger, { argv: words, file: { jobFile, path, saidYes } });
      },
      figuresOf: async (runId) => await figuresOfRun(options, runId),
      asked: () => {
        bell.ring();
      },
      reader: createReader(options),
    },
    run: async (job, upload) => await runServedUpload(options, job, upload),
  };
}

/** Null on an embedded ledger, which only this process can open. */
function createReader({ host, words, address, jobs }: ServedUploadOptions): UploadReader | null {
  if (address.kind === 'embedded') return null;
  const read = jobs
    .filter(({ hasDesk }) => hasDesk)
    .map(({ name, file, reportsDirectory }) => ({ name, file, reportsDirectory }));
  return new ReadingProcess(host, { address, cwd: host.cwd, me: host.me, jobs: read, words });
}

/** One run of an uploaded list, told as `run` tells it. */
async function runServedUpload(
  { words, hosts, ledger }: ServedUploadOptions,
  { name, file: jobFile, reportsDirectory }: ServedJob,
  upload: AskedUpload,
): Promise<UploadEnd> {
  const host = hosts.hostOf(name);
  const path = join(uploadFolder(reportsDirectory, upload.id), upload.stored_name);
  try {
    const file = { jobFile, path, saidYes: upload.said_yes };
    const configuration = await configurationOfUpload(host, ledger, { argv: words, file });
    const results = await runNotified(
      host,
      configuration,
      async (environment) => await runUpload(environment, upload),
    );
    tellResults(results, configuration, host);
    const { exitCode, exitCause } = worstEnd(results);
    const [only] = results;
    const korean = only?.kind === 'refused' ? only.korean : null;
    return { exitCode, exitCause, reason: only?.reason ?? null, korean };
  } catch (error) {
    return tellServedFailure(error, host, ['upload', upload.id]);
  }
}

/** Told as the same failure at a terminal is, and in the log. */
export function tellServedFailure(error: unknown, host: ServedHost, words: readonly string[]): UploadEnd {
  logFailure(host, words, tellFailure(error, false, host.env));
  reportFailure(error, host, { asksForJson: false, hasWait: false, inKoreanToo: host.inKoreanToo });
  const { exitCode, exitCause, reason, korean } = describeFailure(error);
  return { exitCode, exitCause, reason, korean };
}
