import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { refused, valid, type Checked } from './checked.ts';
import { databaseSecrets } from './database-configuration.ts';
import type { WrittenJobFile } from './job-file/job-file.ts';
import { findListFiles } from './list-files.ts';
import type { ListSettings } from './job-file/list-settings.ts';
import { Secret } from './secret.ts';

/** A list of this start, found. */
export type ConfiguredList =
  /** Absolute path; sheet null: the first. */
  | { readonly kind: 'file'; readonly path: string; readonly sheet: string | null }
  /** Read once, to its end, before anything else. */
  | { readonly kind: 'standard_input'; readonly sheet: string | null }
  | {
      readonly kind: 'postgres';
      readonly url: Secret;
      /** Where the URL comes from, as people are told. */
      readonly urlFrom: string;
      readonly query: string | null;
      readonly table: string | null;
      readonly statementTimeoutMs: number;
    };

/** What a list's path is called that is piped in. */
export function isStandardInput(path: string): boolean {
  return path === '-' || path === '/dev/stdin';
}

export interface Inbox {
  readonly folder: string;
  /** Of its workbooks; null: the first sheet of each. */
  readonly sheet: string | null;
}

/** The lists of a start, in name order, and what a person should know of how they were found, a sentence each. */
export interface FoundLists {
  /** Empty for an inbox: which of its files are ready is known only once the job's lock is in hand. */
  readonly lists: readonly ConfiguredList[];
  /** Absolute folder into which people put lists; null: the lists are those above. */
  readonly inbox: Inbox | null;
  readonly doubts: readonly string[];
}

/** The lists a job names; a glob is one list a file. `jobFile` has what is no setting: the URL. */
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
  if (!found.isDirectory()) return refused(`list.inbox: ${source.path} is no folder`);
  return valid({ lists: [], inbox: { folder, sheet: source.sheet }, doubts: [] });
}

export function withoutDoubt(lists: readonly ConfiguredList[]): FoundLists {
  return { lists, inbox: null, doubts: [] };
}

/** What must never be shown of them. */
export function listSecrets(lists: readonly ConfiguredList[]): readonly Secret[] {
  return lists.flatMap((list) =>
    list.kind === 'postgres' ? databaseSecrets({ kind: 'server', url: list.url, from: list.urlFrom }) : [],
  );
}
