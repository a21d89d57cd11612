import { rowClasses, type RowClass } from '../../domain/class.ts';
import { tellRejection } from '../../domain/rejection/rejection-words.ts';
import { nameBeside } from '../../domain/result-columns.ts';
import type { ReportedRow } from '../../ledger/runs/reported-rows.ts';
import type { LeftOut } from '../folder/left-out.ts';
import type { ResultLayout } from '../csv/result-layout.ts';
import { fillUp } from '../csv/result-lines.ts';
import { actorOfRow, noteOfRow, type NoteOptions } from '../result-note.ts';
import type { Summary } from '../summary.ts';
import { summaryRows, summaryWidths, type SummarySheetOptions } from './summary-sheet.ts';
import { createFormats, type Formats } from '../texts/formats.ts';
import { audienceTextsIn } from '../texts/audience-texts.ts';
import { recordTextsIn } from '../texts/record-texts-in.ts';
import { workbookTextsIn } from '../texts/workbook-texts.ts';
import type { UnfinishedFile } from '../folder/unfinished-file.ts';
import { cutToCell } from './cell-text.ts';
import { MOST_SHEET_COLUMNS, type TableSheet } from './table-sheet.ts';
import { Workbook } from './workbook.ts';

/** Length of `2026-11-22T16:00:01`. */
const SECOND_CHARACTERS = 19;
const MOST_STAMPS = 1_000;

export interface ReportWorkbookOptions extends NoteOptions {
  readonly folder: string;
  readonly layout: ResultLayout;
  readonly timeZone: string;
}

/**
 * report.xlsx: the summary, the sheets by audience, and one sheet for each class with rows on which somebody must
 * act. A class that is called again automatically has a sheet once its nights are used up and operations must act.
 * Duplicates and rows that the run did not reach never have one, because nobody acts on the row itself: the same
 * command continues. A full sheet continues on another.
 */
export class ReportWorkbook {
  private readonly options: ReportWorkbookOptions;
  private readonly formats: Formats;
  private readonly summary: TableSheet;
  private readonly classes = new Map<RowClass, TableSheet>();
  /** Formatted times by their second, because formatting one takes as long as the rest of a row. */
  private readonly stamps = new Map<string, string>();
  readonly workbook: Workbook;
  /** Known before the first row; then no rows are added. */
  readonly hasTooManyColumns: boolean;

  constructor(options: ReportWorkbookOptions) {
    this.options = options;
    this.formats = createFormats(options.language, options.timeZone);
    this.hasTooManyColumns = options.layout.header.length > MOST_SHEET_COLUMNS;
    this.workbook = new Workbook(options.folder, options.language);
    this.summary = this.workbook.addSheet({
      name: audienceTextsIn(options.language).sheets.summary,
      kind: 'page',
      headings: summaryWidths.map(() => ''),
      widths: summaryWidths,
      isOptional: false,
    });
  }

  /** Adds the sheets of classes behind those that others have added meanwhile. */
  addClassSheets(): void {
    const { layout, language } = this.options;
    const original = layout.header.slice(0, layout.originalCount);
    const ours = nameBeside(original, workbookTextsIn(language).resultHeadings(this.formats.zone));
    const headings = [...original, ...ours].map(cutToCell);
    for (const name of rowClasses) {
      const plan = { name: recordTextsIn(language).classes[name].name, kind: 'table', headings } as const;
      this.classes.set(name, this.workbook.addSheet({ ...plan, widths: null, isOptional: true }));
    }
  }

  async add(page: readonly ReportedRow[]): Promise<void> {
    const { nightsLimit } = this.options;
    const toAct = page.filter((row) => actorOfRow(row, nightsLimit) !== 'nobody');
    if (toAct.length === 0) return;
    for (const [name, sheet] of this.classes) {
      const rows = toAct.filter((row) => row.class === name);
      await sheet.add(rows.map((row) => this.cellsOf(row).map(cutToCell)));
    }
  }

  /**
   * Returns a row's cells in the words and the time zone of the report: this workbook is for people and not for
   * handing back.
   */
  private cellsOf(row: ReportedRow): string[] {
    const { layout, language, nightsLimit } = this.options;
    const words = recordTextsIn(language);
    const time = (instant: string | null): string => (instant === null ? '' : this.stampOf(instant));
    return [
      ...fillUp(row.cells, layout.originalCount),
      String(row.line),
      words.classes[row.class].name,
      row.code ?? '',
      row.class === 'rejected' ? tellRejection(row, language) : (row.message ?? ''),
      words.actors[actorOfRow(row, nightsLimit)],
      String(row.attempts),
      row.http_status === null ? '' : String(row.http_status),
      row.correlation_id ?? '',
      time(row.first_attempt_at),
      time(row.last_attempt_at),
      noteOfRow(row, this.options),
      layout.runId,
    ];
  }

  /** Returns a formatted time; neighbouring rows were often called in the same second. */
  private stampOf(instant: string): string {
    const second = instant.slice(0, SECOND_CHARACTERS);
    const known = this.stamps.get(second);
    if (known !== undefined) return known;
    if (this.stamps.size >= MOST_STAMPS) this.stamps.clear();
    const stamp = this.formats.stamp(new Date(instant));
    this.stamps.set(second, stamp);
    return stamp;
  }

  /** Ends the workbook after the last row. Returns why it can't be written, or null where it can. */
  async end(summary: Summary, options: SummarySheetOptions): Promise<LeftOut | null> {
    if (this.hasTooManyColumns) {
      return { kind: 'columns', columns: this.options.layout.header.length, most: MOST_SHEET_COLUMNS };
    }
    const rows = summaryRows(summary, options);
    await this.summary.add(rows);
    return (await this.workbook.end()) ? null : { kind: 'bytes' };
  }

  async write(file: UnfinishedFile, at: Date): Promise<void> {
    await this.workbook.write(file, at);
  }
}
