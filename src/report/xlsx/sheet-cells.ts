import { cellXml } from './cell-text.ts';

/** How a cell looks, as its place in `cellXfs` of the styles part. */
export const cellStyles = {
  plain: 0,
  /** A cell of the format text: whatever is typed into it stays text, including digits and formulas. */
  text: 1,
  /** The same for a text that begins like a formula: it stays text even when it is edited and confirmed. */
  quoted: 2,
  heading: 3,
  count: 4,
  wrapped: 5,
  title: 6,
  good: 7,
  bad: 8,
  decimal: 9,
  section: 10,
  indented: 11,
} as const;
export type CellStyle = keyof typeof cellStyles;

/** The content of a cell; numbers must be finite. */
export type SheetCell = string | { readonly value: string | number; readonly style: CellStyle };

const FORMULA_STARTS = '=+-@';
const LETTERS = 26;
const LINE_HEIGHT = 15;
/** No spreadsheet has higher rows. */
const MOST_HEIGHT = 405;
/** Lines of a title, which has larger letters. */
const TITLE_LINES = 1.6;
const WIDTH = 9;
/** Share of a line that is filled, because words that do not fit leave its end empty. */
const FILLED = 0.9;
const WIDE_FROM = 0x1100;

/**
 * Returns the XML of a row. `number` counts from 1. A plain string is a cell of the format text, even where it is
 * empty.
 */
export function rowXml(number: number, cells: readonly SheetCell[], widths: readonly number[]): string {
  let xml = `<row r="${number}"${heightOf(cells, widths)}>`;
  for (const [column, cell] of cells.entries()) xml += oneCell(columnName(column) + number, cell);
  return `${xml}</row>`;
}

/**
 * Returns the height of a row, because not every program makes rows as high as their wrapped texts. A row of one line
 * needs none.
 */
function heightOf(cells: readonly SheetCell[], widths: readonly number[]): string {
  let lines = 1;
  for (const [column, cell] of cells.entries()) {
    if (typeof cell !== 'string' && cell.style === 'title') lines = Math.max(lines, TITLE_LINES);
    if (typeof cell === 'string' || cell.style !== 'wrapped' || typeof cell.value === 'number') continue;
    lines = Math.max(lines, Math.ceil(roughWidth(cell.value) / ((widths[column] ?? WIDTH) * FILLED)));
  }
  return lines === 1 ? '' : ` ht="${Math.min(MOST_HEIGHT, lines * LINE_HEIGHT)}" customHeight="1"`;
}

/** Returns the width in digits; characters beyond the Latin scripts count as two. */
function roughWidth(text: string): number {
  let width = 0;
  for (let at = 0; at < text.length; at += 1) width += text.charCodeAt(at) < WIDE_FROM ? 1 : 2;
  return width;
}

function oneCell(place: string, cell: SheetCell): string {
  if (typeof cell === 'string') return textCell(place, cell, looksLikeFormula(cell) ? 'quoted' : 'text');
  const { value, style } = cell;
  if (typeof value === 'string') return textCell(place, value, style);
  return `<c r="${place}" s="${cellStyles[style]}"><v>${value}</v></c>`;
}

function looksLikeFormula(text: string): boolean {
  return text !== '' && FORMULA_STARTS.includes(text.charAt(0));
}

function textCell(place: string, text: string, style: CellStyle): string {
  const start = `<c r="${place}" s="${cellStyles[style]}"`;
  if (text === '') return `${start}/>`;
  return `${start} t="inlineStr"><is><t xml:space="preserve">${cellXml(text)}</t></is></c>`;
}

const namesOfColumns: string[] = [];

/** Returns A, B, … Z, AA for a column counted from 0. Every cell needs it, so each name is made once. */
export function columnName(column: number): string {
  return (namesOfColumns[column] ??= makeColumnName(column));
}

function makeColumnName(column: number): string {
  const before = Math.floor(column / LETTERS);
  const letter = String.fromCharCode(65 + (column % LETTERS));
  return before === 0 ? letter : columnName(before - 1) + letter;
}
