import stringWidth from 'string-width';
import { cellXml } from './cell-text.ts';
import { cellStyles, columnName } from './sheet-cells.ts';

const DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const NAMESPACE = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
/** Number of rows on a spreadsheet's sheet, including the headings. */
export const MOST_SHEET_ROWS = 1_048_576;
const A4 = 9;
/** In digits of the standard font: the width of an A4 page at six tenths of its size. */
const WIDEST_PAGE = 210;
/** In digits of the standard font. */
const NARROWEST = 9;
const WIDEST = 50;
/** Room for the filter's button and the margins of a cell. */
const ROOM = 3;

export type SheetKind = 'table' | 'page';

/** Returns the XML before the rows of a sheet. The first row of a table stays in sight. */
export function sheetStart(kind: SheetKind, widths: readonly number[]): string {
  const pane =
    kind === 'table' ? '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' : '';
  const style = kind === 'table' ? cellStyles.text : cellStyles.plain;
  const columns = widths.map(
    (width, index) =>
      `<col min="${index + 1}" max="${index + 1}" width="${width}" style="${style}" customWidth="1"/>`,
  );
  return [
    DECLARATION,
    `<worksheet xmlns="${NAMESPACE}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>`,
    `<sheetViews><sheetView workbookViewId="0">${pane}</sheetView></sheetViews>`,
    '<sheetFormatPr defaultRowHeight="15"/>',
    columns.length === 0 ? '' : `<cols>${columns.join('')}</cols>`,
    '<sheetData>',
  ].join('');
}

/**
 * The first columns of a sheet accept only text below the headings: typing a number is refused with these words, at
 * most 255 characters, and a pasted number turns red.
 */
export interface TextOnly {
  readonly columns: number;
  readonly refusal: string;
}

interface SheetEnd {
  readonly kind: SheetKind;
  readonly columns: number;
  /** Number of rows, including the headings. */
  readonly rows: number;
  readonly textOnly: TextOnly | undefined;
  readonly widths: readonly number[];
}

/** XML after the rows: a table's filter, what cells refuse, print set-up, and ignoredErrors for digits kept as text. */
export function sheetEnd({ kind, columns, rows, textOnly, widths }: SheetEnd): string {
  const range = tableRange(columns, rows);
  const orientation = kind === 'table' ? 'landscape' : 'portrait';
  return [
    '</sheetData>',
    kind === 'table' ? `<autoFilter ref="${range}"/>` : '',
    textOnly === undefined ? '' : textOnlyXml(textOnly),
    '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>',
    `<pageSetup paperSize="${A4}" orientation="${orientation}" fitToWidth="${pagesAcross(widths)}" fitToHeight="0"/>`,
    '<headerFooter><oddFooter>&amp;L&amp;A&amp;R&amp;P / &amp;N</oddFooter></headerFooter>',
    kind === 'table'
      ? `<ignoredErrors><ignoredError sqref="${range}" numberStoredAsText="1"/></ignoredErrors>`
      : '',
    '</worksheet>',
  ].join('');
}

/**
 * Returns the number of pages side by side, so that no page is printed smaller than about six tenths, which can still
 * be read.
 */
function pagesAcross(widths: readonly number[]): number {
  const all = widths.reduce((sum, width) => sum + width, 0);
  return Math.max(1, Math.ceil(all / WIDEST_PAGE));
}

/**
 * Returns the rules for columns of text. A blank cell is neither text nor a number, so both rules ignore it. The
 * first dxf of the styles part is red.
 */
function textOnlyXml({ columns, refusal }: TextOnly): string {
  const range = `A2:${columnName(columns - 1)}${MOST_SHEET_ROWS}`;
  const words = cellXml(refusal).replaceAll('"', '&quot;');
  return [
    `<conditionalFormatting sqref="${range}"><cfRule type="expression" dxfId="0" priority="1">`,
    '<formula>ISNUMBER(A2)</formula></cfRule></conditionalFormatting>',
    `<dataValidations count="1"><dataValidation type="custom" errorStyle="stop" allowBlank="1" showErrorMessage="1"`,
    ` error="${words}" sqref="${range}"><formula1>ISTEXT(A2)</formula1></dataValidation></dataValidations>`,
  ].join('');
}

/** Returns the range from A1 to the last cell of the last row, including the headings. */
export function tableRange(columns: number, rows: number): string {
  return `A1:${columnName(columns - 1)}${rows}`;
}

/**
 * Returns widths at which the headings and the cells of these rows can be read; a Korean letter is two columns wide.
 * Very long cells are only partly visible.
 */
export function fitWidths(headings: readonly string[], rows: readonly (readonly string[])[]): number[] {
  return headings.map((heading, column) => {
    const longest = Math.max(stringWidth(heading), ...rows.map((cells) => stringWidth(cells[column] ?? '')));
    return Math.min(WIDEST, Math.max(NARROWEST, longest + ROOM));
  });
}
