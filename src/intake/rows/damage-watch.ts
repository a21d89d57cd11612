import { damageOfMarks, damageOfText, type CellDamage } from './damaged-cell.ts';
import { ListRefusedError } from '../list-errors.ts';
import type { ListRecord, ListTable } from '../list-table.ts';
import type { IdCells, RowLayout } from './row-content.ts';
import { showHeaderCell, showMaskedCell } from '../shown-text.ts';
import { ZeroEndedIdWatch, type ZeroEndedIds } from './zero-ended-ids.ts';

/** A cell whose id is lost. */
interface DamagedCell {
  readonly damage: CellDamage;
  readonly line: number;
  readonly index: number;
  readonly text: string;
}

const MOST_TOLD = 5;

/**
 * Looks at every row's ids for what a spreadsheet did to them. One such cell is enough: what else it changed can't be
 * seen any more, so the list as a whole is refused, at its end, with the first cells and their number.
 */
export class DamageWatch {
  readonly #table: ListTable;
  readonly #layout: RowLayout;
  readonly #mayEndInZeros: boolean;
  readonly #zeroEnded = new ZeroEndedIdWatch();
  readonly #cells: DamagedCell[] = [];
  #count = 0;

  constructor(table: ListTable, layout: RowLayout, mayEndInZeros: boolean) {
    this.#table = table;
    this.#layout = layout;
    this.#mayEndInZeros = mayEndInZeros;
  }

  get hasFound(): boolean {
    return this.#count > 0;
  }

  look(record: ListRecord, ids: IdCells): void {
    const { userId, par } = this.#layout.columns;
    this.#lookAtCell(record, userId, ids.userId.text);
    this.#lookAtCell(record, par, ids.par.text);
    if (/^[1-9]\d{15,18}$/.test(ids.userId.text)) this.#zeroEnded.look(ids.userId.text, record.line);
  }

  /** Ids that look rounded and may be so; null: none do. Throws ListRefusedError. */
  finish(): ZeroEndedIds | null {
    const [first] = this.#cells;
    if (first !== undefined) throw this.#refuseCells(first);
    const zeroEnded = this.#zeroEnded.finish();
    if (zeroEnded !== null && !this.#mayEndInZeros) throw this.#refuseZeroEnded(zeroEnded);
    return zeroEnded;
  }

  #lookAtCell(record: ListRecord, index: number, text: string): void {
    const marks = record.marks?.filter((mark) => mark.index === index) ?? [];
    const damage = damageOfMarks(marks) ?? damageOfText(text);
    if (damage === null || isAlone(record.cells)) return;
    this.#count += 1;
    if (this.#cells.length < MOST_TOLD) this.#cells.push({ damage, line: record.line, index, text });
  }

  #refuseCells(first: DamagedCell): ListRefusedError {
    const shown = this.#cells.map((cell) => `${this.#place(cell)} ${showMaskedCell(cell.text)}`).join(', ');
    const more = this.#count > this.#cells.length ? ` and ${this.#count - this.#cells.length} more` : '';
    return new ListRefusedError({
      reason: 'damaged',
      file: this.#table.name,
      line: first.line,
      column: this.#layout.header[first.index] ?? first.index + 1,
      cell: this.#table.cellName(first.line, first.index),
      what: `${whatHappened[first.damage]} (${shown}${more})`,
      advice: this.#advice(),
    });
  }

  #advice(): string {
    return this.#table.format === 'postgres' ? READ_AGAIN : EXPORT_AGAIN;
  }

  #place({ line, index }: DamagedCell): string {
    const name = showHeaderCell(this.#layout.header[index] ?? String(index + 1));
    return this.#table.cellName(line, index) ?? `line ${line} ${name}`;
  }

  #refuseZeroEnded({ length, ids, zeroEnded, firstLine }: ZeroEndedIds): ListRefusedError {
    const { userId } = this.#layout.columns;
    return new ListRefusedError({
      reason: 'damaged',
      file: this.#table.name,
      line: firstLine,
      column: this.#layout.header[userId] ?? userId + 1,
      cell: this.#table.cellName(firstLine, userId),
      what: `${zeroEnded} ${ids === null ? 'ids one after the other' : `of ${ids} different ids`} with ${length} digits have only zeros after the 15th digit, more than chance gives: a spreadsheet read them as numbers and keeps 15 digits`,
      advice: `${this.#advice()}; where such an id is the same in the system it came from, say list.idsMayEndInZeros: true in a job file`,
    });
  }
}

/** A print date or a sum under the rows: it may stand below the ids and is none. The line is rejected all the same. */
function isAlone(cells: readonly string[]): boolean {
  return cells.filter((cell) => cell.trim() !== '').length < 2;
}

const whatHappened: Readonly<Record<CellDamage, string>> = {
  scientific: 'a spreadsheet turned ids into numbers with an exponent, their last digits are lost',
  date: 'a spreadsheet turned ids into dates',
  rounded: 'ids stand as numbers of more than 15 digits, which a spreadsheet rounds',
  float: 'ids stand as decimal numbers of more than 15 digits, which the program that wrote them has rounded',
};

const READ_AGAIN =
  'load the ids into the database again from where they came from, as text or numeric(19); where the column is an exact numeric with decimals, cast it in list.postgres.query, as in user_id::numeric(19)';
const EXPORT_AGAIN =
  'export the list again from where it came from and do not open it in Excel on the way; in Excel read it by Data > From Text/CSV with the id columns as Text';
