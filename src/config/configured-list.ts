import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { refused, valid, type Checked } from './checked.ts';
import { databaseSecrets } from './database-configuration.ts';
import type { WrittenJobFile } from './job-file/job-file.ts';
import { findListFiles } from './list-files.ts';
import type { ListSettings } from './job-file/list-settings.ts';
import { Secret } from './secret.ts';

/** A list that this start has found. */
export type ConfiguredList =
  /** Absolute path; `sheet` null means the first sheet. */
  | { readonly kind: 'file'; readonly path: string; readonly sheet: string | null }
  /** Standard input, which is read once and completely before anything else. */
  | { readonly kind: 'standard_input'; readonly sheet: string | null }
  | {
      readonly kind: 'postgres';
      readonly url: Secret;
      /** Names the setting the URL comes from, for messages. */
      readonly urlFrom: string;
      readonly query: string | null;
      readonly table: string | null;
      readonly statementTimeoutMs: number;
    };

/** Returns whether a list's path stands for standard input. */
export function isStandardInput(path: string): boolean {
  return path === '-' || path === '/dev/stdin';
}

export interface Inbox {
  readonly folder: string;
  /** Sheet to read of its workbooks; null: the first sheet of each. */
  readonly sheet: string | null;
}

/** The lists of a start in name order, and one sentence about each file that a person should know of. */
export interface FoundLists {
  /** Empty for an inbox, because its ready files are known only under the job's lock. */
  readonly lists: readonly ConfiguredList[];
  /** Absolute folder into which people put lists; null: the lists are those above. */
  readonly inbox: Inbox | null;
  readonly doubts: readonly string[];
}

/** Finds the lists a job names; a glob gives one list per file. `jobFile` supplies the URL, which is no setting. */
export async function findLists(
  { source }: ListSettings,
  jobFile: WrittenJobFile,
  cwd: string,
): Promise<Checked<FoundLists>> {
  if (source.kind === 'postgres') {
    const url = new Secret(jobFile.list.postgres?.url ?? '');
    const { query, table, statementTimeoutMs } = source;
    const urlFrom = jobFile.listUrlFrom;
    return valid(withoutDoubt([{ kind: 'postgres', url, urlFrom, query, table, statementTimeoutMs }]));
  }
  if (source.kind === 'inbox') return await findInbox(source, cwd);
  const sheet = source.kind === 'excel' ? source.sheet : null;
  if (isStandardInput(source.path)) return valid(withoutDoubt([{ kind: 'standard_input', sheet }]));
  const found = await findListFiles(source.path, cwd, `list.${source.kind}`);
  if (found.kind === 'refused') return found;
  const { files, doubts } = found.value;
  return valid({ lists: files.map((file) => ({ kind: 'file', path: file, sheet })), inbox: null, doubts });
}

async function findInbox(
  source: { readonly path: string; readonly sheet: string | null },
  cwd: string,
): Promise<Checked<FoundLists>> {
  const folder = resolve(cwd, source.path);
  const found = await stat(folder).catch(() => null);
  if (found === null)
    return refused(`list.inbox: the folder ${source.path} does not exist; make it, or name another`);
  if (!found.isDirectory()) return refused(`list.inbox: ${source.path} is not a folder`);
  return valid({ lists: [], inbox: { folder, sheet: source.sheet }, doubts: [] });
}

export function withoutDoubt(lists: readonly ConfiguredList[]): FoundLists {
  return { lists, inbox: null, doubts: [] };
}

/** Returns the parts of the lists that must never be shown. */
export function listSecrets(lists: readonly ConfiguredList[]): readonly Secret[] {
  return lists.flatMap((list) =>
    list.kind === 'postgres' ? databaseSecrets({ kind: 'server', url: list.url, from: list.urlFrom }) : [],
  );
}
