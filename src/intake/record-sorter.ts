import type { ListRow } from '../domain/list-row.ts';
import { refuseHeader } from './header/header-search.ts';
import { numberedColumns, type WantedColumns } from './header/list-columns.ts';
import { type FoundHeader, numberedColumn } from './header/list-header.ts';
import { findRepeatedHeader, type RepeatedHeader } from './header/repeated-header.ts';
import { countLineBreaks } from './csv/physical-lines.ts';
import { ListCounter } from './list-counter.ts';
import { refuseChangedFile } from './list-errors.ts';
import { refuseCutOff, refuseSecondTable, refuseSwallowed } from './list-refusals.ts';
import type { ListRecord, ListTable, TableTotals } from './list-table.ts';
import type { ListCounts } from './opened-list.ts';
import { DamageWatch } from './rows/damage-watch.ts';
import { findFootLine } from './rows/foot-lines.ts';
import { FrequentMemberWatch, type FrequentMembers } from './rows/frequent-members.ts';
import { isPar, isUserId } from './rows/id-cell.ts';
import { LastLineWatch, type OpenEnd } from './rows/last-line.ts';
import { type ReadRow, readRow } from './rows/read-row.ts';
import { RejectionWatch } from './rows/rejection-watch.ts';
import { findSwallowingCell } from './rows/swallowed-rows.ts';
import { WaitingLines } from './rows/waiting-lines.ts';
import { TotalsCheck } from './totals-check.ts';

/** How a list is read, and which signs of damage a person or the job has declared correct. */
export interface SortingOptions {
  readonly table: ListTable;
  /** Empty where the source has no delimiter. */
  readonly delimiter: string;
  readonly header: FoundHeader;
  readonly columns: WantedColumns;
  readonly idsMayEndInZeros: boolean;
  readonly mayEndWithoutLineEnd: boolean;
  /** `--yes`: a person has checked the list. */
  readonly saidYes: boolean;
}

/**
 * Sorts records into titles, headers, rows, totals lines and notes, counts each, and watches for signs that the list
 * must be refused.
 */
export class RecordSorter {
  private readonly options: SortingOptions;
  private readonly table: ListTable;
  private readonly header: FoundHeader;
  private readonly damage: DamageWatch;
  private readonly totals: TotalsCheck;
  private readonly counter = new ListCounter();
  private readonly rejections = new RejectionWatch();
  private readonly frequent = new FrequentMemberWatch();
  private readonly lastLine: LastLineWatch;
  private readonly lines = new WaitingLines();
  private rows = 0;
  private titles = 0;
  private repeatedHeaders = 0;
  private swallowingCells = 0;
  private widest = 0;
  private isHeaderSeen: boolean;

  constructor(options: SortingOptions) {
    const { table, header, idsMayEndInZeros, saidYes } = options;
    this.options = options;
    this.table = table;
    this.header = header;
    const layout = { header: header.own, columns: header };
    this.damage = new DamageWatch(table, layout, idsMayEndInZeros || saidYes);
    this.totals = new TotalsCheck(table.name, layout);
    this.lastLine = new LastLineWatch(header);
    this.isHeaderSeen = header.line === null;
  }

  get isDamaged(): boolean {
    return this.damage.hasFound;
  }

  /**
   * The list's own header. Once a workbook was read, it has a nameless column for each filled one beyond its header.
   */
  get ownHeader(): readonly string[] {
    const { own, line } = this.header;
    const beyond = Array.from({ length: Math.max(0, this.widest - own.length) }, (_, index) =>
      line === null ? numberedColumn(own.length + index) : '',
    );
    return [...own, ...beyond];
  }

  /** Returns the members whose cards should be counted. */
  frequentMembers(): FrequentMembers {
    return this.frequent.finish();
  }

  /** Adds to `rows` what is now known to be a row: nothing, this record, or also lines that waited for it. */
  take(record: ListRecord, rows: ListRow[]): void {
    if (record.isMultiLine === true) this.lookForSwallowedRows(record);
    if (!this.isHeaderSeen) {
      this.takeTitleOrHeader(record);
      return;
    }
    const row = readRow(record, 0, this.header, this.table.format);
    if (row.content.kind === 'record') {
      for (const waited of this.lines.rowFollows(false)) this.addRow(waited, rows);
    } else {
      const hasId = isUserId(row.ids.userId.text) || isPar(row.ids.par.text);
      if (this.isNoRow(record, row, hasId)) return;
      for (const waited of this.lines.rowFollows(!hasId && !looksLikeMember(row))) this.addRow(waited, rows);
    }
    this.damage.look(record, row);
    this.lastLine.look(record, row);
    this.counter.count(row, record.marks, this.header);
    this.addRow(row, rows);
  }

  /**
   * Returns the counts of the list. The rows are later compared with the parser's own count of records. Throws
   * ListRefusedError.
   */
  finish({ records, blankLines, openEnd }: TableTotals): ListCounts {
    if (!this.isHeaderSeen) throw refuseChangedFile(this.table.name);
    this.assertWidth();
    const zeroEnded = this.damage.finish();
    this.totals.finish();
    this.assertNotAllRejected();
    const noteLines = this.lines.finish();
    const { lines: totalsLines, totals } = this.totals;
    const headers = (this.header.line === null ? 0 : 1) + this.repeatedHeaders;
    return {
      rowsRead: records - headers - this.titles - totalsLines - noteLines,
      blankLines,
      titleLines: this.titles,
      headerLines: this.repeatedHeaders,
      totalsLines,
      noteLines,
      headings: this.lines.headings,
      totals,
      zeroEnded,
      swallowingCells: this.swallowingCells,
      openEnd: this.judgeEnd(openEnd ?? null),
      ...this.counter.counts(),
    };
  }

  private addRow(row: ListRow, rows: ListRow[]): void {
    const { line, cells, content } = row;
    this.rows += 1;
    if (this.table.format === 'xlsx') this.widest = Math.max(this.widest, filledWidth(cells));
    if (content.kind === 'record') this.frequent.look(content.userId);
    else this.rejections.look(row);
    rows.push({ rowNo: this.rows, line, cells, content });
  }

  /**
   * Tells a totals line, a repeated header, or a line without ids that waits for the next record. `hasId`: one of the
   * two ids can be read.
   */
  private isNoRow(record: ListRecord, row: ReadRow, hasId: boolean): boolean {
    const isTitle = this.lines.isTitle(record);
    if (this.totals.take(record, row.cells, this.rows, isTitle)) return true;
    // A database has rows only: no titles, totals or notes.
    if (hasId || this.table.format === 'postgres') return false;
    const repeated = findRepeatedHeader(record, this.header, this.options);
    if (repeated !== null) {
      this.takeHeaderAgain(record, repeated);
      return true;
    }
    const foot = findFootLine(record.cells, this.header);
    // A ruler is one also where the table begins with it.
    const kind = isTitle && foot !== 'ruler' ? 'title' : foot;
    if (kind === null) return false;
    if (kind !== 'ruler' && kind !== 'beside') return this.lines.add(row, kind);
    this.lines.passOver();
    return true;
  }

  /**
   * Accepts a repeated header where files were joined or a header has two lines; otherwise another table begins here.
   */
  private takeHeaderAgain({ line }: ListRecord, repeated: RepeatedHeader): void {
    const isSame = repeated === 'same_columns';
    if (!isSame || (this.lines.hasWords && !this.options.saidYes)) {
      const place = { table: this.table, header: this.header.own, line, index: this.header.userId };
      throw refuseSecondTable(place, isSame);
    }
    this.titles += this.lines.headerFollows();
    this.repeatedHeaders += 1;
    this.totals.beginAgain(line, this.rows);
  }

  private takeTitleOrHeader(record: ListRecord): void {
    const { line, cells } = this.header;
    if (line !== null && record.line < line) {
      this.titles += 1;
      this.lines.rememberTitle(record);
      return;
    }
    const isSame = record.cells.length === cells.length && record.cells.every((cell, i) => cell === cells[i]);
    if (record.line !== line || !isSame) throw refuseChangedFile(this.table.name);
    this.isHeaderSeen = true;
  }

  private lookForSwallowedRows({ line, cells }: ListRecord): void {
    const index = findSwallowingCell(cells, this.header, this.options.delimiter);
    if (index === -1) return;
    this.swallowingCells += 1;
    if (this.options.saidYes) return;
    const above = cells.slice(0, index).reduce((lines, cell) => lines + countLineBreaks(cell), line);
    const last = above + countLineBreaks(cells[index] ?? '');
    throw refuseSwallowed({ table: this.table, header: this.header.own, line: above, index }, last);
  }

  /**
   * Throws where a workbook without a header lacks the columns that were asked for, which is known only at its end.
   */
  private assertWidth(): void {
    if (this.header.line !== null || this.table.format !== 'xlsx' || this.rows === 0) return;
    const found = numberedColumns(this.widest, this.options.columns, 'widest');
    if (found.kind === 'fault') throw refuseHeader(this.table, { ...found, line: null });
  }

  private assertNotAllRejected(): void {
    if (this.header.handedBack || this.options.saidYes) return;
    const refusal = this.rejections.finish(this.table.name, this.rows);
    if (refusal !== null) throw refusal;
  }

  private judgeEnd(openEnd: number | null): OpenEnd | null {
    const end = this.lastLine.finish(openEnd);
    if (end === null || !end.isCutOff) return end;
    if (this.options.mayEndWithoutLineEnd || this.options.saidYes) return end;
    const { line } = end;
    throw refuseCutOff({ table: this.table, header: this.header.own, line, index: this.header.userId });
  }
}

function filledWidth(cells: readonly string[]): number {
  return 1 + cells.findLastIndex((cell) => cell !== '');
}

/** Returns whether a row has two ids, though neither of them can be read. */
function looksLikeMember({ ids }: ReadRow): boolean {
  return /\d/.test(ids.userId.text) && /\d/.test(ids.par.text);
}
