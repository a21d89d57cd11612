import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { Clock } from '../../domain/clock.ts';
import type { Language } from '../../domain/language.ts';
import type { RunSignals } from '../../domain/run-signals.ts';
import { OvertakenError, type Queryable, type RowSource } from '../../ledger/ledger-port.ts';
import type { UserAtHost } from '../../ledger/privacy/access-log-table.ts';
import { keepRunFolder } from '../../ledger/proofs/run-folder-table.ts';
import { readRowFigures, type RowFigures } from '../../ledger/proofs/row-groups.ts';
import { readRowExtent, type RowExtent } from '../../ledger/runs/reported-rows.ts';
import type { RunState } from '../../domain/run-state.ts';
import { readRun, type RunRow } from '../../ledger/runs/run-table.ts';
import { FolderViews } from './folder-views.ts';
import { drawReportPage } from '../html/page.ts';
import { MANIFEST, prepareFolder, syncFolder, withdrawFolder } from './folder-preparation.ts';
import { createManifest, type Manifest } from './manifest.ts';
import { noteFolderExport } from './note-export.ts';
import { collectReportFacts } from '../report-facts.ts';
import { writingFolder } from './report-folder-error.ts';
import { dayOfRun, readReportSettings, type ReportSettings } from '../report-settings.ts';
import { writeResultFiles, type ReportProgress, type ResultFiles } from '../csv/result-files.ts';
import { layOutResults } from '../csv/result-layout.ts';
import type { Summary } from '../summary.ts';
import { UnfinishedFile, type FileFacts } from './unfinished-file.ts';

export type { ReportProgress } from '../csv/result-files.ts';

export interface RunFolderOptions {
  readonly ledger: RowSource;
  readonly runNo: number;
  readonly reportsDirectory: string;
  /** The state that the run will have. */
  readonly state: RunState;
  readonly totalsAgree: boolean;
  /** Null: the run's own language. */
  readonly language: Language | null;
  /** The person who writes the folder, for the access log. */
  readonly me: UserAtHost;
  readonly clock: Clock;
  readonly signals: RunSignals;
  /** Called from time to time with the number of rows written. */
  readonly progress?: (progress: ReportProgress) => void;
}

/** The options together with the run's own settings. */
type FolderContent = RunFolderOptions &
  ReportSettings & {
    readonly rows: RowFigures;
    readonly extent: RowExtent;
    readonly language: Language;
  };

export interface WrittenRunFolder {
  readonly folder: string;
  readonly summary: Summary;
  /** What a person should know about the writing, such as a file that was left out; one sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Writes the folder of a finished run from the ledger alone, under the run's own settings. Written again, it has the
 * same bytes except for `generatedAt` in its manifest; an existing folder is replaced. It is complete only with its
 * manifest, which comes last. The access log gets its entry before anything of the folder exists, and the ledger
 * keeps a file's hash before the file gets its name. Rejects with ReportFolderError, LedgerError, RunPurgedError, or
 * OvertakenError when another process took the run over meanwhile. In any case, files under their real names stay
 * whole.
 */
export async function writeRunFolder(options: RunFolderOptions): Promise<WrittenRunFolder> {
  const run = await readRun(options.ledger, options.runNo);
  assertNotPurged(run);
  const folder = join(options.reportsDirectory, run.id);
  const { settings, said } = readReportSettings(run.settings, run.id);
  const [rows, extent] = await allOf(
    readRowFigures(options.ledger, options.runNo, settings.nightsLimit),
    readRowExtent(options.ledger, options.runNo),
  );
  const at = options.clock.now();
  await noteFolderExport(options.ledger, { me: options.me, at, runId: run.id, classes: rows.classes });
  await writingFolder(folder, async () => {
    await prepareFolder(folder);
  });
  const content = {
    ...options,
    ...settings,
    language: options.language ?? settings.language,
    rows,
    extent,
  };
  const place: Workplace = { folder, opened: [], scratch: [] };
  try {
    const { summary, warnings } = await writeFiles(content, run, place);
    return { folder, summary, warnings: said === null ? warnings : [said, ...warnings] };
  } finally {
    for (const file of [...place.opened, ...place.scratch]) await file.discard();
  }
}

/** What must be cleaned up: `opened` has every file that was begun, `scratch` what files are made from. */
interface Workplace {
  readonly folder: string;
  readonly opened: UnfinishedFile[];
  readonly scratch: { discard(): Promise<void> }[];
}

async function writeFiles(
  options: FolderContent,
  run: RunRow,
  place: Workplace,
): Promise<Omit<WrittenRunFolder, 'folder'>> {
  const { ledger } = options;
  const { classes } = options.rows;
  const { lastRowNo, mostCells } = options.extent;
  const layout = layOutResults(run.header, mostCells, run.id);
  const results = await createResultFiles(place);
  const createViewFile = async (name: string): Promise<UnfinishedFile> => await createFile(place, name);
  const views = await FolderViews.create({
    ...options,
    ...place,
    run,
    classes,
    layout,
    createFile: createViewFile,
  });
  place.scratch.push(views);
  const [facts] = await allOf(
    collectReportFacts(ledger, { ...options, run }),
    writeResultFiles(results, { ...options, ...place, classes, lastRowNo, layout, views: [views] }),
  );
  const { summary } = facts;
  const shown = await writingFolder(place.folder, () => views.finish(summary, facts));
  await views.discard();
  const summaryFile = await createFile(place, 'summary.json');
  await writingFolder(place.folder, () => summaryFile.append(formatJson(summary)));
  const pageFile = await createFile(place, 'report.html');
  await writingFolder(place.folder, () => pageFile.append(drawReportPage(facts, options)));
  const files = await finishFiles([...Object.values(results), ...shown, summaryFile, pageFile], place);
  const manifest = createManifest(summary, files, options.clock.now());
  await assertNotOvertaken(ledger, run);
  await keepHashes(manifest, options, place);
  await writingFolder(place.folder, () => withdrawFolder(place.folder, views.leftOut));
  for (const file of place.opened) await publishFile(file, options, place);
  await publishManifest(manifest, options, place);
  return { summary, warnings: views.warnings };
}

async function createResultFiles(place: Workplace): Promise<ResultFiles> {
  return {
    results: await createFile(place, 'results.csv'),
    succeeded: await createFile(place, 'succeeded.csv'),
    failed: await createFile(place, 'failed.csv'),
    unprocessed: await createFile(place, 'unprocessed.csv'),
    rejected: await createFile(place, 'rejected.csv'),
  };
}

async function createFile({ folder, opened }: Workplace, name: string): Promise<UnfinishedFile> {
  const file = await writingFolder(folder, () => UnfinishedFile.create(folder, name));
  opened.push(file);
  return file;
}

async function finishFiles(files: readonly UnfinishedFile[], { folder }: Workplace): Promise<FileFacts[]> {
  return await writingFolder(folder, () => Promise.all(files.map((file) => file.finish())));
}

async function publishFile(
  file: UnfinishedFile,
  options: RunFolderOptions,
  { folder }: Workplace,
): Promise<void> {
  await writingFolder(folder, () => file.publish(folder));
  options.signals.reached('report_part_written');
}

/** From here on, files with these contents are ours, even if the process is killed. */
async function keepHashes(
  manifest: Manifest,
  { ledger, runNo, language, me }: FolderContent,
  { folder }: Workplace,
): Promise<void> {
  await keepRunFolder(ledger, runNo, {
    writtenAt: new Date(manifest.generatedAt),
    host: me.host,
    place: folder,
    language,
    manifestSha256: createHash('sha256').update(formatJson(manifest)).digest('hex'),
    files: Object.fromEntries(manifest.files.map(({ name, sha256 }) => [name, sha256])),
  });
}

/** Publishes the manifest last, when everything it names is on disk under its name. */
async function publishManifest(
  manifest: Manifest,
  options: RunFolderOptions,
  place: Workplace,
): Promise<void> {
  const { folder } = place;
  await writingFolder(folder, () => syncFolder(folder));
  const file = await createFile(place, MANIFEST);
  await writingFolder(folder, () => file.append(formatJson(manifest)));
  await finishFiles([file], place);
  await publishFile(file, options, place);
  await writingFolder(folder, async () => {
    await syncFolder(folder);
    await syncFolder(dirname(folder));
  });
}

/** Waits for both; neither is left running when the other fails. */
async function allOf<First, Second>(
  first: Promise<First>,
  second: Promise<Second>,
): Promise<[First, Second]> {
  await Promise.allSettled([first, second]);
  return await Promise.all([first, second]);
}

/**
 * Rejects where another process took the run over: it writes the same folder, and our files must not replace its own.
 */
async function assertNotOvertaken(ledger: Queryable, run: RunRow): Promise<void> {
  const now = await readRun(ledger, run.run_no);
  if (now.epoch !== run.epoch) throw new OvertakenError();
  assertNotPurged(now);
}

/** The run was purged, so the ledger no longer knows its ids and the lists can't be written again. */
class RunPurgedError extends Error {
  readonly code = 'RUN_PURGED';
  constructor(run: RunRow, began: Date) {
    super(`run ${run.id} was purged on ${dayOfRun(run, began)}: nobody knows any more whose rows it had`);
  }
}

function assertNotPurged(run: RunRow): void {
  if (run.purge_began_at !== null) throw new RunPurgedError(run, run.purge_began_at);
}

function formatJson(document: Summary | Manifest): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
