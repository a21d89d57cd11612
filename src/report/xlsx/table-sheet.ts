import { DeflatedPart, type DeflatedFacts } from './deflated-part.ts';
import { rowXml, type SheetCell } from './sheet-cells.ts';
import {
  fitWidths,
  MOST_SHEET_ROWS,
  sheetEnd,
  sheetStart,
  type SheetKind,
  type TextOnly,
} from './sheet-frame.ts';

export const MOST_SHEET_COLUMNS = 16_384;

export interface SheetPlan {
  /** At most 25 characters, without `[ ] : * ? / \`, because a number may be added. */
  readonly name: string;
  readonly kind: SheetKind;
  /** The first row of a table, repeated on each sheet it continues on. */
  readonly headings: readonly string[];
  /** Null: found from the headings and the first rows. */
  readonly widths: readonly number[] | null;
  /** The sheet is left out of the workbook when it has no rows. */
  readonly isOptional: boolean;
  readonly mostRows?: number;
  /** Columns in which people type ids. */
  readonly textOnly?: TextOnly;
}

export interface FinishedSheet {
  readonly name: string;
  readonly kind: SheetKind;
  readonly columns: number;
  readonly rows: number;
  readonly facts: DeflatedFacts;
  readonly part: DeflatedPart;
}

interface Begun {
  readonly part: DeflatedPart;
  rows: number;
}

/** A sheet that is written row by row. A full one continues on another, `rejected (2)`, with the same headings. */
export class TableSheet {
  private readonly folder: string;
  private readonly plan: SheetPlan;
  private readonly begun: Begun[] = [];
  private widths: readonly number[] | null;
  /** Number of rows without headings. */
  rows = 0;

  constructor(folder: string, plan: SheetPlan) {
    this.folder = folder;
    this.plan = plan;
    this.widths = plan.widths;
  }

  /** Adds rows; call it once at a time. */
  async add(rows: readonly (readonly SheetCell[])[]): Promise<void> {
    if (rows.length === 0) return;
    const widths = (this.widths ??= fitWidths(
      this.plan.headings,
      rows.map((cells) => cells.map(textOf)),
    ));
    this.rows += rows.length;
    let sheet = this.begun.at(-1);
    for (const cells of rows) {
      if (sheet === undefined || sheet.rows >= this.mostRows) sheet = await this.begin();
      sheet.rows += 1;
      sheet.part.take(rowXml(sheet.rows, cells, widths));
      if (sheet.part.hasFullBlock) await sheet.part.passBlock();
    }
  }

  /** Ends the sheet. Returns nothing where it is optional and has no rows. */
  async end(): Promise<FinishedSheet[]> {
    if (this.begun.length === 0 && !this.plan.isOptional) await this.begin();
    const { name, kind, headings, textOnly } = this.plan;
    const columns = Math.max(1, headings.length);
    const widths = this.widths ?? fitWidths(headings, []);
    const finished: FinishedSheet[] = [];
    for (const [index, { part, rows }] of this.begun.entries()) {
      await part.append(sheetEnd({ kind, columns, rows, textOnly, widths }));
      const facts = await part.end();
      finished.push({
        name: index === 0 ? name : `${name} (${index + 1})`,
        kind,
        columns,
        rows,
        facts,
        part,
      });
    }
    return finished;
  }

  async discard(): Promise<void> {
    for (const { part } of this.begun) await part.discard();
  }

  private get mostRows(): number {
    return this.plan.mostRows ?? MOST_SHEET_ROWS;
  }

  private async begin(): Promise<Begun> {
    const { kind, headings } = this.plan;
    const sheet = { part: await DeflatedPart.create(this.folder, 'sheet'), rows: 0 };
    this.begun.push(sheet);
    await sheet.part.append(sheetStart(kind, this.widths ?? fitWidths(headings, [])));
    if (kind === 'table') {
      const cells = headings.map((value) => ({ value, style: 'heading' }) as const);
      await sheet.part.append(rowXml(1, cells, []));
      sheet.rows = 1;
    }
    return sheet;
  }
}

function textOf(cell: SheetCell): string {
  return typeof cell === 'string' ? cell : String(cell.value);
}
