import { sumOfClasses, type ClassCounts } from '../../domain/control-totals.ts';
import { rowClasses } from '../../domain/class.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';
import type { ReportedRow } from '../../ledger/runs/list-row-table.ts';
import { BOM, formatHeader } from './csv-text.ts';
import { writingFolder } from '../folder/report-folder-error.ts';
import { partOfClass, reportParts, type ReportPart } from '../folder/report-part.ts';
import type { ResultLayout } from './result-layout.ts';
import { formatResultLines } from './result-lines.ts';
import type { NoteOptions } from '../result-note.ts';
import { readRowPages } from './row-pages.ts';
import type { UnfinishedFile } from '../folder/unfinished-file.ts';

/** All rows, and the same rows divided. */
export type ResultFiles = Readonly<Record<'results' | ReportPart, UnfinishedFile>>;

export const resultFileNames = ['results', ...reportParts] as const;

/** What else is made of the same rows while they pass. */
export interface RowView {
  /** Called with each page in list order, one call at a time. Rejects with ReportFolderError or LedgerError. */
  add(page: readonly ReportedRow[]): Promise<void>;
}

/** How far the writing is, in rows. */
export interface ReportProgress {
  readonly written: number;
  readonly rows: number;
}

export interface ResultSource extends NoteOptions {
  readonly ledger: Queryable;
  readonly runNo: number;
  /** As the ledger counts the rows to be written. */
  readonly classes: ClassCounts;
  readonly lastRowNo: number;
  readonly layout: ResultLayout;
  readonly folder: string;
  readonly views: readonly RowView[];
  /** Told after each page. */
  readonly progress?: (progress: ReportProgress) => void;
}

/** Writes the five files, and gives the views their rows, in one pass over the ledger, a page in memory at a time. */
export async function writeResultFiles(files: ResultFiles, source: ResultSource): Promise<void> {
  const { layout, folder, views } = source;
  const written = new Map<string, number>();
  const header = BOM + formatHeader(layout.header);
  await appendTo(files, folder, () => header);
  const rows = sumOfClasses(source.classes);
  let done = 0;
  for await (const page of readRowPages(source.ledger, source.runNo, source.lastRowNo)) {
    const lines = formatResultLines(page, layout, source);
    const texts = divide(page, lines);
    for (const row of page) written.set(row.class, (written.get(row.class) ?? 0) + 1);
    await appendTo(files, folder, (name) => texts[name]);
    for (const view of views) await view.add(page);
    done += page.length;
    source.progress?.({ written: done, rows });
  }
  assertAllWritten(written, source.classes);
}

function divide(page: readonly ReportedRow[], lines: readonly string[]): Record<keyof ResultFiles, string> {
  const parts: Record<ReportPart, string[]> = { succeeded: [], failed: [], unprocessed: [], rejected: [] };
  for (const [index, row] of page.entries()) parts[partOfClass(row.class)].push(lines[index] ?? '');
  return {
    results: lines.join(''),
    succeeded: parts.succeeded.join(''),
    failed: parts.failed.join(''),
    unprocessed: parts.unprocessed.join(''),
    rejected: parts.rejected.join(''),
  };
}

async function appendTo(
  files: ResultFiles,
  folder: string,
  textFor: (name: keyof ResultFiles) => string,
): Promise<void> {
  await writingFolder(folder, async () => {
    await Promise.all(resultFileNames.map(async (name) => await files[name].append(textFor(name))));
  });
}

/** A row lost on the way, or one that changed its class meanwhile, would be a report that lies. */
function assertAllWritten(written: ReadonlyMap<string, number>, classes: ClassCounts): void {
  const differing = rowClasses.filter((name) => (written.get(name) ?? 0) !== classes[name]);
  if (differing.length === 0) return;
  const message = `The result files hold other rows than the ledger counts, in class ${differing.join(', ')}.`;
  throw Object.assign(new Error(message), { code: 'REPORT_ROWS' });
}
