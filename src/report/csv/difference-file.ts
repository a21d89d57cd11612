import { readNightChanges, type NightChangeRow } from '../../ledger/proofs/night-changes.ts';
import type { Queryable } from '../../ledger/ledger-port.ts';
import type { UnfinishedFile } from '../folder/unfinished-file.ts';
import type { AudienceTexts } from '../texts/audience-texts.ts';
import type { TableSheet } from '../xlsx/table-sheet.ts';
import type { Workbook } from '../xlsx/workbook.ts';
import { BOM, CRLF, formatHeader, formatRecords } from './csv-text.ts';

export const DIFFERENCE_FILE = 'difference.csv';

/** Columns of the CSV file; scripts rely on the names. */
const columns = [
  'change',
  'user_id',
  'par',
  'previous_par',
  'previous_class',
  'previous_code',
  'class',
  'code',
  'line',
  'previous_run',
  'previous_line',
] as const;

/**
 * Writes the differences from the night before, row by row: a file, and a sheet of the workbook where there are any.
 */
export class DifferenceFile {
  readonly file: UnfinishedFile;
  private readonly sheet: TableSheet;
  private readonly texts: AudienceTexts;

  private constructor(file: UnfinishedFile, sheet: TableSheet, texts: AudienceTexts) {
    this.file = file;
    this.sheet = sheet;
    this.texts = texts;
  }

  static async create(
    texts: AudienceTexts,
    workbook: Workbook,
    createFile: (name: string) => Promise<UnfinishedFile>,
  ): Promise<DifferenceFile> {
    const file = await createFile(DIFFERENCE_FILE);
    await file.append(BOM + formatHeader(columns));
    const sheet = workbook.addSheet({
      name: texts.sheets.difference,
      kind: 'table',
      headings: texts.headings.difference,
      widths: null,
      isOptional: true,
    });
    return new DifferenceFile(file, sheet, texts);
  }

  /** Writes all differences; call it once. */
  async fill(on: Queryable, runNo: number): Promise<void> {
    for await (const page of readNightChanges(on, runNo)) {
      const rows = page.map(cellsOf);
      const lines = formatRecords(rows).map((line) => line + CRLF);
      await this.file.append(lines.join(''));
      await this.sheet.add(
        page.map((row, index) => (rows[index] ?? []).with(0, this.texts.changes[row.change])),
      );
    }
  }
}

function cellsOf(row: NightChangeRow): string[] {
  return columns.map((name) => {
    const value = row[name];
    return value === null ? '' : String(value);
  });
}
