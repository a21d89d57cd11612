import type { ReportedRow } from '../../ledger/runs/reported-rows.ts';
import {
  audienceHeader,
  audienceHeadings,
  audiencesOf,
  audiences,
  customerCells,
  dataCells,
  developerCells,
  usedUpCells,
  type Audience,
  type AudienceContext,
} from './audience-rows.ts';
import { BOM, CRLF, formatHeader, formatRecords } from './csv-text.ts';
import type { UnfinishedFile } from '../folder/unfinished-file.ts';
import { cutToCell } from '../xlsx/cell-text.ts';
import type { SheetCell } from '../xlsx/sheet-cells.ts';
import type { TableSheet } from '../xlsx/table-sheet.ts';
import type { Workbook } from '../xlsx/workbook.ts';

export const audienceFileNames = {
  customers: 'customers-to-call.csv',
  data: 'data-to-correct.csv',
  developers: 'for-developers.csv',
  usedUp: 'nights-used-up.csv',
} as const satisfies Record<Audience, string>;

const WRAPPED_FROM = 40;

type PerAudience<Thing> = Readonly<Record<Audience, Thing>>;

/**
 * Writes the lists for those who must act: one CSV file and one sheet of the workbook for each, even where nobody
 * must act.
 */
export class AudienceFiles {
  private readonly context: AudienceContext;
  private readonly openFiles: PerAudience<UnfinishedFile>;
  private readonly sheets: PerAudience<TableSheet>;

  private constructor(
    context: AudienceContext,
    files: PerAudience<UnfinishedFile>,
    sheets: PerAudience<TableSheet>,
  ) {
    this.context = context;
    this.openFiles = files;
    this.sheets = sheets;
  }

  static async create(
    context: AudienceContext,
    workbook: Workbook,
    createFile: (name: string) => Promise<UnfinishedFile>,
  ): Promise<AudienceFiles> {
    const files = {
      customers: await createFile(audienceFileNames.customers),
      data: await createFile(audienceFileNames.data),
      developers: await createFile(audienceFileNames.developers),
      usedUp: await createFile(audienceFileNames.usedUp),
    };
    for (const audience of audiences) {
      await files[audience].append(BOM + formatHeader(audienceHeader(audience, context)));
    }
    const addSheet = (audience: Audience): TableSheet =>
      workbook.addSheet({
        name: context.texts.sheets[audience],
        kind: 'table',
        headings: audienceHeadings(audience, context).map(cutToCell),
        widths: null,
        isOptional: false,
      });
    const sheets = {
      customers: addSheet('customers'),
      data: addSheet('data'),
      developers: addSheet('developers'),
      usedUp: addSheet('usedUp'),
    };
    return new AudienceFiles(context, files, sheets);
  }

  get files(): UnfinishedFile[] {
    return Object.values(this.openFiles);
  }

  async add(page: readonly ReportedRow[]): Promise<void> {
    const context = this.context;
    const cellsOf: PerAudience<(row: ReportedRow) => string[]> = {
      customers: (row) => customerCells(row, context),
      data: (row) => dataCells(row, context),
      developers: (row) => developerCells(row, context),
      usedUp: (row) => usedUpCells(row, context),
    };
    const rows = this.divide(page);
    for (const audience of audiences) await this.write(audience, rows[audience].map(cellsOf[audience]));
  }

  /** Returns the rows for each audience, in list order; a row may be for several. */
  private divide(page: readonly ReportedRow[]): PerAudience<readonly ReportedRow[]> {
    const rows: PerAudience<ReportedRow[]> = { customers: [], data: [], developers: [], usedUp: [] };
    for (const row of page) {
      for (const audience of audiencesOf(row, this.context.nightsLimit)) rows[audience].push(row);
    }
    return rows;
  }

  private async write(audience: Audience, rows: readonly (readonly string[])[]): Promise<void> {
    if (rows.length === 0) return;
    const lines = formatRecords(rows).map((line) => line + CRLF);
    await this.openFiles[audience].append(lines.join(''));
    await this.sheets[audience].add(rows.map((cells) => cells.map(sheetCell)));
  }
}

/** Makes a cell; sentences are wrapped, ids never. */
function sheetCell(text: string): SheetCell {
  const value = cutToCell(text);
  return value.length > WRAPPED_FROM ? { value, style: 'wrapped' } : value;
}
