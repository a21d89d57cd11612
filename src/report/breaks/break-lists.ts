import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { breakColumns } from '../../domain/reconciliation/break.ts';
import { formatRunId } from '../../domain/identity/run-id.ts';
import type { Language } from '../../domain/language.ts';
import { readBreakPages, type BreakRow, type BreakSelection } from '../../ledger/breaks/break-table.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';
import { noteAccess, type UserAtHost } from '../../ledger/privacy/access-log-table.ts';
import { BOM, CRLF, formatHeader, formatRecords } from '../csv/csv-text.ts';
import { prepareFolder, syncFolder } from '../folder/folder-preparation.ts';
import { sentenceOfLeftOut } from '../folder/left-out.ts';
import { writingFolder } from '../folder/report-folder-error.ts';
import { UnfinishedFile } from '../folder/unfinished-file.ts';
import { recordTextsIn } from '../texts/record-texts-in.ts';
import { MOST_SHEET_ROWS } from '../xlsx/sheet-frame.ts';
import { Workbook } from '../xlsx/workbook.ts';

/** A folder beside the run folders and the logs, with one folder for each comparison that found open breaks. */
export const BREAKS_DIRECTORY = 'breaks';

const CSV_NAME = 'breaks.csv';
const XLSX_NAME = 'breaks.xlsx';

export interface BreakListsOptions {
  readonly ledger: Queryable;
  /** The breaks at the time of the comparison. */
  readonly selection: BreakSelection;
  /** The job the comparison ran for, which names the folder. */
  readonly job: string;
  /** The night of the comparison, yyyy-MM-dd. */
  readonly night: string;
  /** Number of open breaks, counted as in the figures. */
  readonly open: number;
  /** Absolute path. */
  readonly reportsDirectory: string;
  readonly language: Language;
  /** The person who writes the lists, for the access log. */
  readonly me: UserAtHost;
}

export interface WrittenBreakLists {
  readonly folder: string;
  readonly files: readonly string[];
  /** Why the workbook is missing, one sentence. */
  readonly warnings: readonly string[];
}

/**
 * Writes the open breaks of a comparison with whole ids: breaks.csv, and breaks.xlsx for notes, in a new folder that
 * no later comparison overwrites. The access log gets an entry before each file exists. Returns null where no break
 * is open and nothing is written. Rejects with ReportFolderError.
 */
export async function writeBreakLists(options: BreakListsOptions): Promise<WrittenBreakLists | null> {
  const { ledger, selection, job, open, me, reportsDirectory } = options;
  if (open === 0) return null;
  const id = formatRunId(selection.asOf, job, randomInt(0x10000));
  const isForSheet = open < MOST_SHEET_ROWS;
  const files = isForSheet ? [CSV_NAME, XLSX_NAME] : [CSV_NAME];
  for (const name of files) {
    const what = `${name} of ${id}`;
    await noteAccess(ledger, me, { at: selection.asOf, action: 'exported', what, rows: open, reason: null });
  }
  const folder = join(reportsDirectory, BREAKS_DIRECTORY, id);
  await writingFolder(folder, async () => {
    await prepareFolder(join(reportsDirectory, BREAKS_DIRECTORY));
    await prepareFolder(folder);
    await writeFiles(folder, options, isForSheet);
  });
  const tooMany = { kind: 'rows', rows: open, most: MOST_SHEET_ROWS - 1 } as const;
  return {
    folder,
    files,
    warnings: isForSheet ? [] : [sentenceOfLeftOut(XLSX_NAME, tooMany, CSV_NAME)],
  };
}

async function writeFiles(folder: string, options: BreakListsOptions, isForSheet: boolean): Promise<void> {
  const { ledger, selection, language } = options;
  const workbook = new Workbook(folder, language);
  const sheet = workbook.addSheet({
    name: 'breaks',
    kind: 'table',
    headings: breakColumns,
    widths: null,
    isOptional: false,
  });
  const csv = await UnfinishedFile.create(folder, CSV_NAME);
  const xlsx = await UnfinishedFile.create(folder, XLSX_NAME);
  try {
    await csv.append(BOM + formatHeader(breakColumns));
    for await (const page of readBreakPages(ledger, { ...selection, state: 'open' })) {
      const rows = page.map((row) => cellsOf(row, options));
      await csv.append(
        formatRecords(rows)
          .map((line) => line + CRLF)
          .join(''),
      );
      if (isForSheet) await sheet.add(rows);
    }
    await csv.finish();
    await workbook.end();
    if (isForSheet) await workbook.write(xlsx, selection.asOf);
    await xlsx.finish();
    await csv.publish(folder);
    if (isForSheet) await xlsx.publish(folder);
    await syncFolder(folder);
  } finally {
    await workbook.discard();
    await csv.discard();
    await xlsx.discard();
  }
}

const DAY_MS = 86_400_000;

function cellsOf(row: BreakRow, { night, language }: BreakListsOptions): string[] {
  const nights = Math.max(0, (Date.parse(night) - Date.parse(row.first_night)) / DAY_MS);
  const cells: Readonly<Record<(typeof breakColumns)[number], string>> = {
    break: String(row.break_no),
    kind: row.kind,
    user_id: row.user_id ?? '',
    par: row.par ?? '',
    other_user_id: row.other_user_id ?? '',
    other_par: row.other_par ?? '',
    details: row.details ?? '',
    first_night: row.first_night,
    nights: String(nights),
    what_to_do: recordTextsIn(language).breakKinds[row.kind].toDo,
    note: '',
  };
  return breakColumns.map((name) => cells[name]);
}
