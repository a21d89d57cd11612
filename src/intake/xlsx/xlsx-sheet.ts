import { MAX_FIELD_BYTES, MAX_ROW_BYTES } from '../list-limits.ts';
import type { ListRefusedError } from '../list-errors.ts';
import { type CellContext, readCell } from './xlsx-cell.ts';
import { MAX_COLUMNS, MAX_ROWS, parseReference, parseRowNumber } from './xlsx-reference.ts';
import { type FinishedRow, SheetRow } from './xlsx-row.ts';
import { MAX_RAW_LENGTH, RichText } from './xlsx-strings.ts';
import type { XmlAttributes, XmlHandlers } from './xlsx-xml.ts';

const KIB = 1024;

/** Where in the sheet's XML the reader stands: the depth of an element decides what it can be. */
const ROOT = 1;
const SHEET_DATA = 2;
const ROW = 3;
const CELL = 4;
const IN_CELL = 5;

interface OpenCell {
  readonly column: number;
  readonly type: string;
  readonly style: number;
  value: string | null;
  hasFormula: boolean;
}

export interface SheetFault {
  readonly kind: 'damaged' | 'field_too_large' | 'row_too_large';
  /** 0 before the first row. */
  readonly line: number;
  /** Index of the cell at fault; null where the row as a whole is. */
  readonly column: number | null;
  readonly what: string;
}

/**
 * Turns the elements of a sheet into rows, as handlers of an XmlReader. Rows and cells without a number follow the
 * one before; anything that goes backwards is refused, since no writer does it and two cells in one place can't both
 * be right. Rows that hide, merge or filter are rows like others.
 */
export class SheetReader implements XmlHandlers {
  readonly #context: CellContext;
  readonly #refuse: (fault: SheetFault) => ListRefusedError;
  readonly #inline = new RichText();
  #depth = 0;
  #isSheetData = false;
  #row: SheetRow | null = null;
  #cell: OpenCell | null = null;
  #inCell = '';
  #line = 0;
  #rows: FinishedRow[] = [];

  constructor(context: CellContext, refuse: (fault: SheetFault) => ListRefusedError) {
    this.#context = context;
    this.#refuse = refuse;
  }

  /** Rows that ended since the last call, blank ones left out. */
  take(): FinishedRow[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  /** A text or tag that is too long to be read to its end; null where it is in no cell. */
  refuseTooLong(): ListRefusedError | null {
    return this.#cell === null ? null : this.#tooLarge(this.#cell.column);
  }

  open(name: string, attributes: XmlAttributes): void {
    this.#depth += 1;
    if (this.#depth === ROOT && name !== 'worksheet') {
      throw this.#damaged('the part of this sheet holds something else');
    }
    if (this.#depth === SHEET_DATA) this.#isSheetData = name === 'sheetData';
    else if (this.#depth === ROW && this.#isSheetData && name === 'row') this.#startRow(attributes['r']);
    else if (this.#depth === CELL && this.#row !== null && name === 'c')
      this.#startCell(this.#row, attributes);
    else if (this.#depth >= IN_CELL && this.#cell !== null) this.#openInCell(this.#cell, name);
  }

  text(text: string): void {
    const cell = this.#cell;
    if (cell === null) return;
    if (this.#inCell === 'is') this.#inline.write(text);
    if (this.#inCell === 'is' && this.#inline.isTooLong) throw this.#tooLarge(cell.column);
    if (this.#inCell !== 'v' || this.#depth !== IN_CELL) return;
    cell.value = (cell.value ?? '') + text;
    if (cell.value.length > MAX_RAW_LENGTH) throw this.#tooLarge(cell.column);
  }

  close(name: string): void {
    if (this.#depth === ROW && this.#row !== null) this.#endRow(this.#row);
    else if (this.#depth === CELL && this.#cell !== null && this.#row !== null)
      this.#endCell(this.#cell, this.#row);
    else if (this.#depth === IN_CELL) this.#inCell = '';
    else if (this.#depth > IN_CELL && this.#inCell === 'is') this.#inline.close(name);
    this.#depth -= 1;
  }

  #startRow(number: string | undefined): void {
    const line = number === undefined ? this.#line + 1 : parseRowNumber(number);
    if (line === null || line > MAX_ROWS)
      throw this.#damaged('the row after this one has no possible number');
    if (line <= this.#line) throw this.#damaged('the row after this one has a lower number');
    this.#line = line;
    this.#row = new SheetRow(line);
  }

  #startCell(row: SheetRow, { r: reference, t: type = 'n', s: style = '0' }: XmlAttributes): void {
    const column = reference === undefined ? row.lastColumn + 1 : this.#parseColumn(reference);
    if (column >= MAX_COLUMNS) throw this.#damaged('this row has a cell beyond the last column');
    if (column <= row.lastColumn) throw this.#damaged('this row has its cells out of order');
    row.lastColumn = column;
    this.#cell = { column, type, style: Number(style), value: null, hasFormula: false };
    this.#inline.start();
  }

  #parseColumn(reference: string): number {
    const place = parseReference(reference);
    if (place === null) throw this.#damaged('this row has a cell where none can be');
    if (place.row !== this.#line) throw this.#damaged('this row has a cell of another row');
    return place.column;
  }

  #openInCell(cell: OpenCell, name: string): void {
    if (this.#depth > IN_CELL) {
      if (this.#inCell === 'is') this.#inline.open(name);
      return;
    }
    this.#inCell = name;
    if (name === 'f') cell.hasFormula = true;
  }

  #endCell(cell: OpenCell, row: SheetRow): void {
    const reading = readCell({ ...cell, inline: this.#inline.text }, this.#context);
    switch (reading.kind) {
      case 'too_large':
        throw this.#tooLarge(cell.column);
      case 'damaged':
        throw this.#refuse({ kind: 'damaged', line: this.#line, column: cell.column, what: reading.what });
      case 'cell':
        row.add(cell.column, reading);
    }
    if (row.bytes > MAX_ROW_BYTES) {
      const what = `the texts of this row are larger than ${MAX_ROW_BYTES / KIB} KiB`;
      throw this.#refuse({ kind: 'row_too_large', line: this.#line, column: null, what });
    }
    this.#cell = null;
  }

  #endRow(row: SheetRow): void {
    const finished = row.finish();
    if (finished !== null) this.#rows.push(finished);
    this.#row = null;
  }

  #damaged(what: string): ListRefusedError {
    return this.#refuse({ kind: 'damaged', line: this.#line, column: null, what });
  }

  #tooLarge(column: number): ListRefusedError {
    const what = `the text of this cell is larger than ${MAX_FIELD_BYTES / KIB} KiB`;
    return this.#refuse({ kind: 'field_too_large', line: this.#line, column, what });
  }
}
