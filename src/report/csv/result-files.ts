import { sumOfClasses, type ClassCounts } from '../../domain/control-totals.ts';
import { rowClasses, type RowClass } from '../../domain/class.ts';
import type { RowSource } from '../../ledger/ledger-port.ts';
import type { ReportedRow } from '../../ledger/runs/reported-rows.ts';
import { BOM, formatHeader } from './csv-text.ts';
import { writingFolder } from '../folder/report-folder-error.ts';
import { partOfClass, reportParts, type ReportPart } from '../folder/report-part.ts';
import type { ResultLayout } from './result-layout.ts';
import { EncodedLines } from './encoded-lines.ts';
import { formatResultLines } from './result-lines.ts';
import type { NoteOptions } from '../result-note.ts';
import { readRowPages } from './row-pages.ts';
import type { UnfinishedFile } from '../folder/unfinished-file.ts';

/** The file of all rows, and the files among which the same rows are divided. */
export type ResultFiles = Readonly<Record<'results' | ReportPart, UnfinishedFile>>;

export const resultFileNames = ['results', ...reportParts] as const;

/** Another consumer of the same rows as they pass. */
export interface RowView {
  /** Called with each page in list order, one call at a time. Rejects with ReportFolderError or LedgerError. */
  add(page: readonly ReportedRow[]): Promise<void>;
}

/** Progress of the writing, in rows. */
export interface ReportProgress {
  readonly written: number;
  readonly rows: number;
}

export interface ResultSource extends NoteOptions {
  readonly ledger: RowSource;
  readonly runNo: number;
  /** Rows to be written, as the ledger counts them. */
  readonly classes: ClassCounts;
  readonly lastRowNo: number;
  readonly layout: ResultLayout;
  readonly folder: string;
  readonly views: readonly RowView[];
  /** Called after each page. */
  readonly progress?: (progress: ReportProgress) => void;
}

/**
 * Writes the five files and passes the rows to the views, in one pass over the ledger with one page in memory at a
 * time.
 */
export async function writeResultFiles(files: ResultFiles, source: ResultSource): Promise<void> {
  const { layout, folder, views } = source;
  const written = new Map<RowClass, number>();
  const header = BOM + formatHeader(layout.header);
  await writingFolder(folder, async () => {
    for (const name of resultFileNames) await files[name].append(header);
  });
  const rows = sumOfClasses(source.classes);
  const lines = new EncodedLines();
  let done = 0;
  for await (const page of readRowPages(source.ledger, source.runNo, source.lastRowNo)) {
    lines.encode(formatResultLines(page, layout, source));
    for (const row of page) written.set(row.class, (written.get(row.class) ?? 0) + 1);
    await writingFolder(folder, async () => {
      await appendPage(files, page, lines);
    });
    for (const view of views) await view.add(page);
    done += page.length;
    source.progress?.({ written: done, rows });
  }
  assertAllWritten(written, source.classes);
}

/**
 * Appends all lines to results.csv, and each line once more to its part. Lines of one part that follow each other are
 * appended together.
 */
async function appendPage(
  files: ResultFiles,
  page: readonly ReportedRow[],
  lines: EncodedLines,
): Promise<void> {
  files.results.take(lines.between(0, page.length));
  let first = 0;
  for (const [index, row] of page.entries()) {
    const part = partOfClass(row.class);
    const next = page[index + 1];
    if (next !== undefined && partOfClass(next.class) === part) continue;
    files[part].take(lines.between(first, index + 1));
    first = index + 1;
  }
  for (const name of resultFileNames) await files[name].writeFullBlock();
}

/** Checks that no row was lost and none changed its class meanwhile; otherwise the report would be wrong. */
function assertAllWritten(written: ReadonlyMap<RowClass, number>, classes: ClassCounts): void {
  const differing = rowClasses.filter((name) => (written.get(name) ?? 0) !== classes[name]);
  if (differing.length === 0) return;
  const message = `The result files hold other rows than the ledger counts, in class ${differing.join(', ')}.`;
  throw Object.assign(new Error(message), { code: 'REPORT_ROWS' });
}
