import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { rowClasses } from '../../domain/class.ts';
import type { ClassCounts } from '../../domain/control-totals.ts';
import type { RunRow } from '../../ledger/runs/run-table.ts';
import { audienceFileNames } from '../csv/audience-files.ts';
import { MANIFEST } from './folder-preparation.ts';
import { FAILED_WORKBOOK, REPORT_WORKBOOK } from './folder-views.ts';
import { parseManifest, type Manifest } from './manifest.ts';
import { resultFileNames } from '../csv/result-files.ts';
import { parseSummaryCounts } from '../summary.ts';

/** `extra`: the manifest does not name it; a person may have put it there, so it is told and no fault. */
export type FileVerdict = 'right' | 'changed' | 'missing' | 'purged' | 'extra';

export interface CheckedFile {
  readonly name: string;
  readonly verdict: FileVerdict;
}

/** What a run folder is against its manifest, and its manifest against the ledger. */
export interface FolderCheck {
  readonly folder: string;
  /** Null: there is no manifest that can be read. */
  readonly runId: string | null;
  /** As in the manifest, extra ones after them; by name. */
  readonly files: readonly CheckedFile[];
  /** What is wrong beside the files; one sentence each. */
  readonly problems: readonly string[];
  readonly isRight: boolean;
}

/** The run as the ledger has it now. */
export interface RunInLedger {
  readonly run: RunRow;
  readonly classes: ClassCounts;
}

/** Reads, and changes nothing. `known`: null where there is no ledger to compare with. Rejects with what the file system says. */
export async function checkFolder(folder: string, known: RunInLedger | null): Promise<FolderCheck> {
  const names = await namesIn(folder);
  if (names === null) return withoutManifest(folder, 'there is no such folder');
  if (!names.includes(MANIFEST)) return withoutManifest(folder, `it has no ${MANIFEST}: it is not finished`);
  const path = join(folder, MANIFEST);
  const isFile = (await stat(path)).isFile();
  const manifest = isFile ? parseManifest(await readFile(path, 'utf8')) : null;
  if (manifest === null) return withoutManifest(folder, `its ${MANIFEST} can't be read`);
  const files = await checkFiles(folder, manifest.files, names);
  const unnamed = findUnnamed(manifest.files, names).map((name) => `its ${MANIFEST} does not name ${name}`);
  const problems = [...unnamed, ...(known === null ? [] : await compareWithLedger(folder, manifest, known))];
  const isRight = problems.length === 0 && files.every(({ verdict }) => !isFault(verdict));
  return { folder, runId: manifest.runId, files, problems, isRight };
}

/** Files of every folder, whatever version of the program wrote it. */
const ALWAYS = [...resultFileNames.map((name) => `${name}.csv`), 'summary.json'];
const OURS = [
  ...ALWAYS,
  ...Object.values(audienceFileNames),
  FAILED_WORKBOOK,
  REPORT_WORKBOOK,
  'report.html',
];

/** A manifest that was shortened must not let a file of ours pass for one that a person has put there. */
function findUnnamed(named: Manifest['files'], names: readonly string[]): string[] {
  const known = new Set(named.map(({ name }) => name));
  return OURS.filter((name) => !known.has(name) && (ALWAYS.includes(name) || names.includes(name)));
}

function isFault(verdict: FileVerdict): boolean {
  return verdict === 'changed' || verdict === 'missing';
}

function withoutManifest(folder: string, problem: string): FolderCheck {
  return { folder, runId: null, files: [], problems: [problem], isRight: false };
}

async function checkFiles(
  folder: string,
  named: Manifest['files'],
  names: readonly string[],
): Promise<CheckedFile[]> {
  const checked: CheckedFile[] = [];
  for (const file of named) {
    checked.push({ name: file.name, verdict: await judgeFile(folder, file, names.includes(file.name)) });
  }
  const expected = new Set([MANIFEST, ...named.map(({ name }) => name)]);
  const extra = names.filter((name) => !expected.has(name));
  return [...checked, ...extra.map((name): CheckedFile => ({ name, verdict: 'extra' }))];
}

async function judgeFile(
  folder: string,
  file: Manifest['files'][number],
  isThere: boolean,
): Promise<FileVerdict> {
  if (!isThere) return file.purgedAt === undefined ? 'missing' : 'purged';
  const path = join(folder, file.name);
  const found = await stat(path);
  if (!found.isFile() || found.size !== file.bytes) return 'changed';
  return (await hashOf(path)) === file.sha256 ? 'right' : 'changed';
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function compareWithLedger(
  folder: string,
  manifest: Pick<Manifest, 'runId' | 'input'>,
  { run, classes }: RunInLedger,
): Promise<string[]> {
  if (manifest.runId !== run.id) return [`its manifest is of run ${manifest.runId}, not of ${run.id}`];
  const problems: string[] = [];
  const content = run.kind === 'retry' ? null : run.content;
  if (manifest.input.sha256 !== content) problems.push('the ledger keeps another SHA-256 of the list');
  const text = await readFile(join(folder, 'summary.json'), 'utf8').catch(() => null);
  const counts = text === null ? null : parseSummaryCounts(text);
  if (counts === null) return [...problems, "its summary.json can't be read"];
  const differing = rowClasses.filter((name) => counts[name] !== classes[name]);
  if (differing.length > 0) problems.push(`the ledger counts other rows in class ${differing.join(', ')}`);
  return problems;
}

async function namesIn(folder: string): Promise<string[] | null> {
  try {
    return (await readdir(folder)).toSorted();
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR'].includes(String(error.code)))
      return null;
    throw error;
  }
}
