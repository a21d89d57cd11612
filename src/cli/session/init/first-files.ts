import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { isStandardInput } from '../../../config/configured-list.ts';
import { exists, findListFiles } from '../../../config/list-files.ts';
import { isOfPostgres, type FirstJob } from '../../../config/init/first-job.ts';
import { writeListTemplate } from '../../../report/template/list-template.ts';
import { UsageError } from '../../usage-error.ts';

/** The files that `init` leaves, by the names they were given. */
export interface FirstFiles {
  readonly made: readonly { readonly name: string; readonly what: string }[];
  /** Files that existed and stay as they are. */
  readonly kept: readonly string[];
  /** Files that the job names, and that neither exist nor could be created. */
  readonly missing: readonly string[];
}

export interface FirstTexts {
  readonly jobFile: { readonly name: string; readonly text: string };
  readonly env: string;
}

/**
 * Writes the job file, a `.env` where there is none, and what the list needs: an empty list to fill in, or the inbox.
 * Overwrites nothing; where one of them can't be written, none is left. Throws UsageError for a place that can't be
 * written, and for an existing job file.
 */
export async function writeFirstFiles(
  job: FirstJob,
  { jobFile, env }: FirstTexts,
  { cwd, at }: { readonly cwd: string; readonly at: Date },
): Promise<FirstFiles> {
  const made: { name: string; what: string }[] = [];
  const make = async (
    name: string,
    what: string,
    write: (path: string) => Promise<unknown>,
  ): Promise<void> => {
    await write(resolve(cwd, name));
    made.push({ name, what });
  };
  const hasEnv = await exists(resolve(cwd, '.env'));
  let current = jobFile.name;
  try {
    await make(jobFile.name, 'the job: every key with its default', async (path) => {
      await writeFile(path, jobFile.text, { flag: 'wx' });
    });
    current = '.env';
    if (!hasEnv)
      await make(current, 'for the keys; only this account may read it', async (path) => {
        await writeFile(path, env, { flag: 'wx', mode: 0o600 });
      });
    const list = await listToMake(job, cwd);
    current = job.source.text;
    if (list === 'inbox')
      await make(current, 'the folder for lists', async (path) => {
        await mkdir(path);
      });
    if (list === 'template')
      await make(current, 'an empty list to fill in', async (path) => {
        await writeListTemplate(path, { language: job.language, at });
      });
    return {
      made,
      kept: hasEnv ? ['.env'] : [],
      missing: list === 'elsewhere' ? [job.source.text] : [],
    };
  } catch (error) {
    await Promise.all(
      made.map(async ({ name }) => {
        await rm(resolve(cwd, name), { recursive: true });
      }),
    );
    throw asUsageError(error, current);
  }
}

export function isThereSentence(name: string): string {
  return `${name} exists already, and nothing is overwritten; name another file, or move that one away`;
}

/** Returns what must be created for the list; null: nothing, because it exists or is no single file. */
async function listToMake(
  { source: { kind, text } }: FirstJob,
  cwd: string,
): Promise<'inbox' | 'template' | 'elsewhere' | null> {
  if (isOfPostgres(kind) || isStandardInput(text)) return null;
  const path = resolve(cwd, text);
  if (await exists(path)) return null;
  const hasFolder = await isFolder(dirname(path));
  if (kind === 'inbox') return hasFolder ? 'inbox' : 'elsewhere';
  const found = await findListFiles(text, cwd, 'list');
  // A path without a glob is returned without a check.
  if (found.kind === 'valid' && found.value.files[0] !== path) return null;
  if (found.kind === 'refused' || !hasFolder) return 'elsewhere';
  return extname(path).toLowerCase() === (kind === 'csv' ? '.csv' : '.xlsx') ? 'template' : 'elsewhere';
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

function asUsageError(error: unknown, name: string): unknown {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return error;
  if (error.code === 'EEXIST') return new UsageError(`${isThereSentence(name)}.`);
  return new UsageError(
    `${name} can't be written (${String(error.code)}), and nothing was left; name a file in an existing folder that you may write to.`,
  );
}
