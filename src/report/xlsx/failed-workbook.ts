import { guardFormula } from '../../domain/formula-guard.ts';
import type { ReportedRow } from '../../ledger/runs/reported-rows.ts';
import type { LeftOut } from '../folder/left-out.ts';
import { partOfClass } from '../folder/report-part.ts';
import type { ResultLayout } from '../csv/result-layout.ts';
import type { NoteOptions } from '../result-note.ts';
import { resultCells } from '../csv/result-lines.ts';
import type { UnfinishedFile } from '../folder/unfinished-file.ts';
import { MOST_CELL_CHARACTERS } from './cell-text.ts';
import { MOST_SHEET_ROWS } from './sheet-frame.ts';
import { MOST_SHEET_COLUMNS, type TableSheet } from './table-sheet.ts';
import { Workbook } from './workbook.ts';

export interface FailedWorkbookOptions extends NoteOptions {
  readonly folder: string;
  readonly layout: ResultLayout;
  /** Number of rows in the classes of failed.csv, as the ledger counts them. */
  readonly rows: number;
}

/**
 * failed.xlsx: the rows of failed.csv on one sheet of text cells, to be corrected in a spreadsheet and handed back.
 * Every cell comes back as it stood in the list, so the workbook is left out where a sheet can't hold all cells
 * whole.
 */
export class FailedWorkbook {
  private readonly options: FailedWorkbookOptions;
  private readonly workbook: Workbook;
  private readonly sheet: TableSheet;
  private leftOut: LeftOut | null;

  constructor(options: FailedWorkbookOptions) {
    this.options = options;
    this.workbook = new Workbook(options.folder, options.language);
    this.sheet = this.workbook.addSheet({
      name: 'failed',
      kind: 'table',
      headings: options.layout.header.map(keepApostrophe),
      widths: null,
      isOptional: false,
    });
    this.leftOut = findTooMuch(options);
  }

  async add(page: readonly ReportedRow[]): Promise<void> {
    if (this.leftOut !== null) return;
    const { layout } = this.options;
    const rows = page.filter((row) => partOfClass(row.class) === 'failed');
    const cells = rows.map((row) => resultCells(row, layout, this.options).map(keepApostrophe));
    const tooLong = cells.findIndex((row) => row.some((cell) => cell.length > MOST_CELL_CHARACTERS));
    if (tooLong >= 0) {
      this.leftOut = { kind: 'cell', line: rows[tooLong]?.line ?? 0, most: MOST_CELL_CHARACTERS };
      return;
    }
    await this.sheet.add(cells);
  }

  /** Ends the workbook after the last row. Returns why it is left out, or null where it can be written. */
  async end(): Promise<LeftOut | null> {
    if (this.leftOut === null && !(await this.workbook.end())) this.leftOut = { kind: 'bytes' };
    return this.leftOut;
  }

  async write(file: UnfinishedFile, at: Date): Promise<void> {
    await this.workbook.write(file, at);
  }

  async discard(): Promise<void> {
    await this.workbook.discard();
  }
}

function findTooMuch({ rows, layout }: FailedWorkbookOptions): LeftOut | null {
  const mostRows = MOST_SHEET_ROWS - 1;
  if (rows > mostRows) return { kind: 'rows', rows, most: mostRows };
  const columns = layout.header.length;
  return columns > MOST_SHEET_COLUMNS ? { kind: 'columns', columns, most: MOST_SHEET_COLUMNS } : null;
}

/**
 * Adds an apostrophe only to what already looks guarded in the list, as in the CSV files; a text cell needs no other
 * guard against formulas. The reader of our files removes one, because a file may be a CSV that was saved as a
 * workbook.
 */
function keepApostrophe(cell: string): string {
  return cell.startsWith("'") ? guardFormula(cell) : cell;
}
