import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { rowClasses } from '../../domain/class.ts';
import type { ClassCounts } from '../../domain/control-totals.ts';
import type { RunRow } from '../../ledger/runs/run-table.ts';
import type { RowSource } from '../../ledger/ledger-port.ts';
import { readKeptFolders, type KeptFolder } from '../../ledger/proofs/run-folder-table.ts';
import { countClasses } from '../../ledger/runs/list-row-table.ts';
import { compareResults } from '../csv/results-comparison.ts';
import { hashOfFile, namesIn, ourFiles, requiredFiles } from './folder-files.ts';
import { MANIFEST } from './folder-preparation.ts';
import { parseManifest, type Manifest } from './manifest.ts';
import { readReportSettings } from '../report-settings.ts';
import { parseSummaryFigures } from '../summary.ts';

/**
 * `extra`: the manifest does not name the file. A person may have put it there, so it is reported but is no fault.
 */
export type FileState = 'right' | 'changed' | 'missing' | 'purged' | 'extra';

export interface CheckedFile {
  readonly name: string;
  readonly verdict: FileState;
}

/** The result of comparing a run folder with its manifest, and its manifest with the ledger. */
export interface FolderCheck {
  readonly folder: string;
  /** Null: there is no readable manifest. */
  readonly runId: string | null;
  /** The files in the manifest's order, then extra ones by name. */
  readonly files: readonly CheckedFile[];
  /** Faults other than those of files; one sentence each. */
  readonly problems: readonly string[];
  /**
   * A clause that says where the unchanged folder and the ledger differ; null where they do not, or nothing could be
   * compared.
   */
  readonly differs: string | null;
  /** What can't be proved but is no fault; one sentence each. */
  readonly said: readonly string[];
  readonly isRight: boolean;
}

/** The run as it is in the ledger now. */
export interface RunInLedger {
  readonly ledger: RowSource;
  readonly run: RunRow;
  readonly classes: ClassCounts;
  /** The run's folders as they were written. */
  readonly kept: readonly KeptFolder[];
}

/** `folder`: the folder whose kept hashes are wanted. */
export async function readRunInLedger(ledger: RowSource, run: RunRow, folder: string): Promise<RunInLedger> {
  return {
    ledger,
    run,
    classes: await countClasses(ledger, run.run_no),
    kept: await readKeptFolders(ledger, run.run_no, folder),
  };
}

/**
 * Checks the folder without changing anything. `known`: null where there is no ledger to compare with. Rejects with
 * the file system's error.
 */
export async function checkFolder(folder: string, known: RunInLedger | null): Promise<FolderCheck> {
  const names = await namesIn(folder);
  if (names === null) return withoutManifest(folder, 'there is no such folder');
  if (!names.includes(MANIFEST)) return withoutManifest(folder, `it has no ${MANIFEST}: it is not finished`);
  const path = join(folder, MANIFEST);
  const isFile = (await stat(path)).isFile();
  const text = isFile ? await readFile(path, 'utf8') : '';
  const manifest = parseManifest(text);
  if (manifest === null) return withoutManifest(folder, `its ${MANIFEST} can't be read`);
  const files = await checkFiles(folder, manifest.files, names);
  const unnamed = findUnnamed(manifest.files, names).map((name) => `its ${MANIFEST} does not name ${name}`);
  const compared =
    known === null
      ? { problems: [], said: [], differs: null }
      : await compareWithLedger(folder, { ...manifest, text }, known);
  const problems = [...unnamed, ...compared.problems];
  const isRight = problems.length === 0 && files.every(({ verdict }) => !isFault(verdict));
  const { said, differs } = compared;
  return { folder, runId: manifest.runId, files, problems, differs, said, isRight };
}

/**
 * Finds our files that the manifest does not name, because a shortened manifest must not make one of our files look
 * like a person's.
 */
function findUnnamed(named: Manifest['files'], names: readonly string[]): string[] {
  const known = new Set(named.map(({ name }) => name));
  return ourFiles.filter(
    (name) => !known.has(name) && (requiredFiles.includes(name) || names.includes(name)),
  );
}

function isFault(verdict: FileState): boolean {
  return verdict === 'changed' || verdict === 'missing';
}

function withoutManifest(folder: string, problem: string): FolderCheck {
  return { folder, runId: null, files: [], problems: [problem], differs: null, said: [], isRight: false };
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
): Promise<FileState> {
  if (!isThere) return file.purgedAt === undefined ? 'missing' : 'purged';
  const path = join(folder, file.name);
  const found = await stat(path);
  if (!found.isFile() || found.size !== file.bytes) return 'changed';
  return (await hashOfFile(path)) === file.sha256 ? 'right' : 'changed';
}

interface Compared extends Pick<FolderCheck, 'differs'> {
  readonly problems: readonly string[];
  readonly said: readonly string[];
}

async function compareWithLedger(
  folder: string,
  manifest: Pick<Manifest, 'runId' | 'input' | 'files'> & { readonly text: string },
  known: RunInLedger,
): Promise<Compared> {
  const { run, classes, kept } = known;
  if (manifest.runId !== run.id)
    return {
      problems: [`its manifest is of run ${manifest.runId}, not of ${run.id}`],
      said: [],
      differs: null,
    };
  const problems: string[] = [];
  const differences: string[] = [];
  const written = findWritten(manifest.text, kept);
  if (kept.length > 0 && written === null)
    problems.push(`its ${MANIFEST} is not one that the program wrote for this run`);
  const content = run.kind === 'retry' ? null : run.content;
  if (manifest.input.sha256 !== content) differences.push('the ledger keeps another SHA-256 of the list');
  const text = await readFile(join(folder, 'summary.json'), 'utf8').catch(() => null);
  const summary = text === null ? null : parseSummaryFigures(text);
  const counts = summary?.classes ?? null;
  const differing = rowClasses.filter((name) => counts !== null && counts[name] !== classes[name]);
  if (counts === null) problems.push("its summary.json can't be read");
  if (differing.length > 0) differences.push(`the ledger counts other rows in class ${differing.join(', ')}`);
  // A process may have closed a stopped run and died before it wrote the folder again.
  if (summary !== null && run.state === 'complete' && summary.exitCode !== run.exit_code)
    differences.push(`the ledger has exit ${run.exit_code}, its summary.json ${summary.exitCode}`);
  const rows = await compareRows(folder, written, known);
  if (rows !== null) differences.push(`its ${RESULTS} does not hold the ledger's rows: ${rows}`);
  return {
    problems: [...problems, ...differences],
    said: kept.length === 0 ? [NOTHING_KEPT] : [],
    differs: differences.length === 0 ? null : differences.join('; '),
  };
}

const RESULTS = 'results.csv';

const NOTHING_KEPT =
  'the program that wrote the folder kept no hash of it, so nobody can prove that its manifest is the one that was written';

function findWritten(text: string, kept: readonly KeptFolder[]): KeptFolder | null {
  const hash = createHash('sha256').update(text).digest('hex');
  return kept.find(({ manifestSha256 }) => manifestSha256 === hash) ?? null;
}

/**
 * Returns null where the rows match or nothing can be compared: a missing file is reported as missing, and purged
 * rows belong to nobody.
 */
async function compareRows(
  folder: string,
  written: KeptFolder | null,
  { ledger, run }: RunInLedger,
): Promise<string | null> {
  const path = join(folder, RESULTS);
  const found = run.purge_began_at === null ? await stat(path).catch(() => null) : null;
  if (found?.isFile() !== true) return null;
  const { settings } = readReportSettings(run.settings, run.id);
  const notes = { nightsLimit: settings.nightsLimit, language: written?.language ?? settings.language };
  return await compareResults(path, { ledger, run, notes });
}
