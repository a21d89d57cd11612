import { MAX_FIELD_BYTES, MAX_ROW_BYTES } from '../list-limits.ts';
import type { Words } from '../../domain/language.ts';
import type { ListRefusedError } from '../list-errors.ts';
import { type CellContext, type ReadCell, readCell } from './xlsx-cell.ts';
import { type PlainCell, readPlainCell, readPlainRow } from './xlsx-plain-forms.ts';
import { MAX_COLUMNS, MAX_ROWS, parseReference, parseRowNumber } from './xlsx-reference.ts';
import { type FinishedRow, SheetRow } from './xlsx-row.ts';
import { MAX_RAW_LENGTH, RichText } from './xlsx-strings.ts';
import type { XmlHandlers } from './xml/xml-reader.ts';
import type { XmlAttributes } from './xml/xml-attributes.ts';

const KIB = 1024;

/** Depth of the reader in the sheet's XML, which decides what an element can be. */
const ROOT = 1;
const SHEET_DATA = 2;
const ROW = 3;
const CELL = 4;
const IN_CELL = 5;

const ROW_NAME = 'row';
const ROW_END = '</row>';

/** Elements of a cell that are read as its value, or that can be left out without losing content. */
const readInCell: ReadonlySet<string> = new Set(['v', 'is', 'f', 'extLst']);

const NOT_UNDERSTOOD: Words = {
  en: 'a cell has content in a place where none is allowed',
  ko: '셀의 내용이 있을 수 없는 자리에 내용이 있습니다',
};

interface OpenCell {
  readonly column: number;
  readonly type: string;
  readonly style: number;
  value: string | null;
  hasFormula: boolean;
}

export interface SheetFault {
  readonly kind: 'damaged' | 'field_too_large' | 'row_too_large';
  /** Row number, 0 before the first row. */
  readonly line: number;
  /** Index of the faulty cell; null where the row as a whole is at fault. */
  readonly column: number | null;
  readonly what: Words;
}

/**
 * Turns the elements of a sheet into rows, as handlers of an XmlReader. Rows and cells without a number follow the
 * one before. A number that goes backwards is refused, because no writer does that and two cells can't stand in one
 * place. Hidden, merged and filtered rows are read like all others.
 */
export class SheetReader implements XmlHandlers {
  private readonly context: CellContext;
  private readonly refuse: (fault: SheetFault) => ListRefusedError;
  private readonly inline = new RichText();
  private depth = 0;
  private isSheetData = false;
  private row: SheetRow | null = null;
  private cell: OpenCell | null = null;
  private inCell = '';
  /** The reader is inside a row's extension element, where other programs keep their own data. */
  private isExtension = false;
  private line = 0;
  private rows: FinishedRow[] = [];

  constructor(context: CellContext, refuse: (fault: SheetFault) => ListRefusedError) {
    this.context = context;
    this.refuse = refuse;
  }

  /** Returns the rows that ended since the last call, without blank ones. */
  take(): FinishedRow[] {
    const rows = this.rows;
    this.rows = [];
    return rows;
  }

  /** Returns a refusal for a text or tag that is too long to be read; null where it stands in no cell. */
  refuseTooLong(): ListRefusedError | null {
    return this.cell === null ? null : this.tooLarge(this.cell.column);
  }

  open(name: string, attributes: XmlAttributes): void {
    this.depth += 1;
    if (name === 'extLst' && this.cell === null) this.isExtension = true;
    if (this.depth === ROOT && name !== 'worksheet') {
      throw this.damaged({
        en: 'the part of this sheet contains something that is no sheet',
        ko: '시트 자리에 다른 것이 들어 있습니다',
      });
    }
    if (this.depth === SHEET_DATA) this.isSheetData = name === 'sheetData';
    else if (this.depth === ROW && this.isSheetData && name === ROW_NAME) this.startRow(attributes.get('r'));
    else if (this.depth === CELL && this.row !== null && name === 'c') this.startCell(this.row, attributes);
    else if (this.depth >= IN_CELL && this.cell !== null) this.openInCell(this.cell, name);
  }

  /** Reads rows and cells of the plain forms, up to the first that is another or does not end in the source. */
  readElements(source: string, at: number, open: string[]): number {
    let after = this.row === null ? this.startPlainRow(source, at, open) : at;
    while (this.row !== null && this.depth === ROW) {
      const { row } = this;
      const end = this.readPlainCells(row, source, after);
      if (open.at(-1) !== ROW_NAME || !source.startsWith(ROW_END, end)) return end;
      this.endRow(row);
      this.depth = SHEET_DATA;
      open.pop();
      after = this.startPlainRow(source, end + ROW_END.length, open);
    }
    return after;
  }

  text(text: string): void {
    const cell = this.cell;
    if (cell === null) {
      if (this.isStray(text)) throw this.damaged(NOT_UNDERSTOOD);
      return;
    }
    if (this.inCell === 'is') this.inline.write(text);
    if (this.inCell === 'is' && this.inline.isTooLong) throw this.tooLarge(cell.column);
    if (this.inCell !== 'v') {
      if (!readInCell.has(this.inCell) && text.trim() !== '') {
        const { column } = cell;
        throw this.refuse({ kind: 'damaged', line: this.line, column, what: NOT_UNDERSTOOD });
      }
      return;
    }
    cell.value = (cell.value ?? '') + text;
    if (cell.value.length > MAX_RAW_LENGTH) throw this.tooLarge(cell.column);
  }

  close(name: string): void {
    if (this.depth === ROW && this.row !== null) this.endRow(this.row);
    else if (this.depth === CELL && this.cell !== null && this.row !== null)
      this.endCell(this.cell, this.row);
    else if (this.depth === IN_CELL) {
      if (this.inCell === 'is') this.inline.close(name);
      this.inCell = '';
    } else if (this.depth > IN_CELL && this.inCell === 'is') this.inline.close(name);
    if (name === 'extLst') this.isExtension = false;
    this.depth -= 1;
  }

  private startRow(number: string | undefined): void {
    const line = number === undefined ? this.line + 1 : parseRowNumber(number);
    if (line === null || line > MAX_ROWS)
      throw this.damaged({
        en: 'the row after this one has an impossible number',
        ko: '다음 행의 번호가 있을 수 없는 값입니다',
      });
    if (line <= this.line) {
      throw this.damaged({
        en: 'the row after this one has a lower number',
        ko: '다음 행의 번호가 더 작습니다',
      });
    }
    this.line = line;
    this.row = new SheetRow(line);
  }

  private startCell(row: SheetRow, attributes: XmlAttributes): void {
    const reference = attributes.get('r');
    const type = attributes.get('t') ?? 'n';
    const style = attributes.get('s') ?? '0';
    const column = reference === undefined ? row.lastColumn + 1 : this.parseColumn(reference);
    if (column >= MAX_COLUMNS) {
      throw this.damaged({
        en: 'this row has a cell beyond the last column',
        ko: '마지막 열을 넘는 셀이 있습니다',
      });
    }
    if (column <= row.lastColumn) {
      throw this.damaged({
        en: 'this row has its cells out of order',
        ko: '셀의 순서가 어긋나 있습니다',
      });
    }
    row.lastColumn = column;
    this.cell = { column, type, style: Number(style), value: null, hasFormula: false };
    this.inline.start();
  }

  /**
   * Returns whether text stands between the rows outside any cell. It is refused, because nobody can tell where it
   * belongs.
   */
  private isStray(text: string): boolean {
    const isAmongRows = this.isSheetData && this.depth >= SHEET_DATA && !this.isExtension;
    return isAmongRows && text.trim() !== '';
  }

  private parseColumn(reference: string): number {
    const place = parseReference(reference);
    if (place === null) {
      throw this.damaged({
        en: 'this row has a cell where none can be',
        ko: '셀이 있을 수 없는 자리에 셀이 있습니다',
      });
    }
    if (place.row !== this.line) {
      throw this.damaged({
        en: 'this row contains a cell that belongs to another row',
        ko: '다른 행의 셀이 있습니다',
      });
    }
    return place.column;
  }

  private openInCell(cell: OpenCell, name: string): void {
    if (this.depth > IN_CELL) {
      if (this.inCell === 'is') this.inline.open(name);
      return;
    }
    // Some writers leave out the `is` around a text or its runs.
    const isInline = name === 't' || name === 'r' || name === 'rPh';
    this.inCell = isInline ? 'is' : name;
    if (isInline) this.inline.open(name);
    if (name === 'f') cell.hasFormula = true;
  }

  private startPlainRow(source: string, at: number, open: string[]): number {
    const row = this.depth === SHEET_DATA && this.isSheetData ? readPlainRow(source, at) : null;
    if (row === null || row.line <= this.line) return at;
    this.depth = ROW;
    this.line = row.line;
    this.row = new SheetRow(row.line);
    open.push(ROW_NAME);
    return row.end;
  }

  private readPlainCells(row: SheetRow, source: string, at: number): number {
    let end = at;
    for (;;) {
      const cell = readPlainCell(source, end);
      if (cell === null || !this.addPlainCell(row, cell)) return end;
      end = cell.end;
    }
  }

  /** Returns false, and adds nothing, where something may be wrong with the cell. */
  private addPlainCell(row: SheetRow, cell: PlainCell): boolean {
    if (cell.row !== this.line || cell.column <= row.lastColumn) return false;
    const reading = readCell(cell, this.context);
    if (reading.kind !== 'cell') return false;
    row.lastColumn = cell.column;
    this.addCell(row, cell.column, reading);
    return true;
  }

  private endCell(cell: OpenCell, row: SheetRow): void {
    const reading = readCell({ ...cell, inline: this.inline.text }, this.context);
    switch (reading.kind) {
      case 'too_large':
        throw this.tooLarge(cell.column);
      case 'damaged':
        throw this.refuse({ kind: 'damaged', line: this.line, column: cell.column, what: reading.what });
      case 'cell':
        this.addCell(row, cell.column, reading);
    }
    this.cell = null;
  }

  private addCell(row: SheetRow, column: number, reading: ReadCell): void {
    row.add(column, reading);
    if (row.bytes > MAX_ROW_BYTES) {
      const what = {
        en: `the text of this row is larger than ${MAX_ROW_BYTES / KIB} KiB`,
        ko: `이 행의 글이 ${MAX_ROW_BYTES / KIB} KiB보다 큽니다`,
      };
      throw this.refuse({ kind: 'row_too_large', line: this.line, column: null, what });
    }
  }

  private endRow(row: SheetRow): void {
    const finished = row.finish();
    if (finished !== null) this.rows.push(finished);
    this.row = null;
  }

  private damaged(what: Words): ListRefusedError {
    return this.refuse({ kind: 'damaged', line: this.line, column: null, what });
  }

  private tooLarge(column: number): ListRefusedError {
    const what = {
      en: `the text of this cell is larger than ${MAX_FIELD_BYTES / KIB} KiB`,
      ko: `이 셀의 글이 ${MAX_FIELD_BYTES / KIB} KiB보다 큽니다`,
    };
    return this.refuse({ kind: 'field_too_large', line: this.line, column, what });
  }
}
