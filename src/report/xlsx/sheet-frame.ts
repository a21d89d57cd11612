import stringWidth from 'string-width';
import { cellStyles, columnName } from './sheet-cells.ts';

const DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const NAMESPACE = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const A4 = 9;
/** In digits of the standard font. */
const NARROWEST = 9;
const WIDEST = 50;
/** For the filter's button and the margins of a cell. */
const ROOM = 3;

export type SheetKind = 'table' | 'page';

/** What stands before the rows of a sheet; of a table the first row stays in sight. */
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

/** What stands after them: a table's filter, how the sheet prints, and that digits kept as text are meant to be. */
export function sheetEnd(kind: SheetKind, columns: number, rows: number): string {
  const range = tableRange(columns, rows);
  const orientation = kind === 'table' ? 'landscape' : 'portrait';
  return [
    '</sheetData>',
    kind === 'table' ? `<autoFilter ref="${range}"/>` : '',
    '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>',
    `<pageSetup paperSize="${A4}" orientation="${orientation}" fitToWidth="1" fitToHeight="0"/>`,
    '<headerFooter><oddFooter>&amp;L&amp;A&amp;R&amp;P / &amp;N</oddFooter></headerFooter>',
    kind === 'table'
      ? `<ignoredErrors><ignoredError sqref="${range}" numberStoredAsText="1"/></ignoredErrors>`
      : '',
    '</worksheet>',
  ].join('');
}

/** A1 up to the last cell of the last row, the headings counted. */
export function tableRange(columns: number, rows: number): string {
  return `A1:${columnName(columns - 1)}${rows}`;
}

/** So that headings and the cells of these rows can be read, Korean being two columns wide; very long ones in part. */
export function fitWidths(headings: readonly string[], rows: readonly (readonly string[])[]): number[] {
  return headings.map((heading, column) => {
    const longest = Math.max(stringWidth(heading), ...rows.map((cells) => stringWidth(cells[column] ?? '')));
    return Math.min(WIDEST, Math.max(NARROWEST, longest + ROOM));
  });
}
