import { basename } from 'node:path';
import {
  loadJobSettings,
  type Configuration,
  type ConfigurationInput,
} from '../../../config/configuration.ts';
import { flagsOf } from '../../../config/flags/flags.ts';
import type { OpenLedger } from '../../../ledger/engine/open-ledger.ts';
import { namedRunsOf } from '../../../service/inbox/run-inbox.ts';
import { createHandedBackConfigurer, type ConfiguringHost } from '../../session/list-configuration.ts';

/** A list that a person uploaded for a job. */
export interface UploadedFile {
  readonly jobFile: string;
  /** Absolute. */
  readonly path: string;
  readonly saidYes: boolean;
}

/** Returns the job file that a served job is read from. */
export function jobFileOf(
  jobs: readonly { readonly name: string; readonly file: string }[],
  job: string,
): string {
  return jobs.find(({ name }) => name === job)?.file ?? job;
}

/**
 * The configuration under which an uploaded list runs: all of the job file's settings, read anew, with this file in the
 * place of its list. A list of ours runs under the settings of the run it comes from, as from an inbox. Rejects with
 * ConfigurationError or HandedBackError where it can't run.
 */
export async function configurationOfUpload(
  host: ConfiguringHost,
  ledger: OpenLedger,
  { argv, file }: { readonly argv: Readonly<Record<string, unknown>>; readonly file: UploadedFile },
): Promise<Configuration> {
  const words = { ...argv, yes: file.saidYes, wait: true };
  const input: ConfigurationInput = { flags: flagsOf(words), env: host.env, cwd: host.cwd };
  const job = await loadJobSettings({ ...input, jobFile: file.jobFile });
  const { source } = job.settings.list;
  const sheet = source.kind === 'inbox' || source.kind === 'excel' ? source.sheet : null;
  const found = await namedRunsOf(file, sheet, job.listOptions.encoding);
  if (found === null || found.runs.length === 0)
    return { ...job, lists: [{ kind: 'file', path: file.path, sheet }], inbox: null };
  const configure = createHandedBackConfigurer(host, words, job, 'the upload desk');
  return await configure({ ledger }, { name: basename(file.path), path: file.path }, found);
}
