import type { Language } from '../../domain/language.ts';
import { cellXml } from './cell-text.ts';
import { tableRange, type SheetKind } from './sheet-frame.ts';

/** A sheet as the other parts of a workbook refer to it. */
export interface NamedSheet {
  readonly name: string;
  readonly kind: SheetKind;
  readonly columns: number;
  /** Number of rows, including the headings. */
  readonly rows: number;
}

const DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const SHEET_TYPES = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

export function contentTypesXml(sheets: number): string {
  const overrides = [
    ['/xl/workbook.xml', `${SHEET_TYPES}.sheet.main+xml`],
    ['/xl/styles.xml', `${SHEET_TYPES}.styles+xml`],
    ...eachSheet(sheets, (number) => [`/xl/worksheets/sheet${number}.xml`, `${SHEET_TYPES}.worksheet+xml`]),
    ['/docProps/core.xml', 'application/vnd.openxmlformats-package.core-properties+xml'],
  ];
  return [
    `${DECLARATION}<Types xmlns="${PACKAGE}/content-types">`,
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>',
    '<Default Extension="xml" ContentType="application/xml"/>',
    ...overrides.map(([part, type]) => `<Override PartName="${part}" ContentType="${type}"/>`),
    '</Types>',
  ].join('');
}

export function rootRelationsXml(): string {
  return relationsXml([
    ['rId1', `${RELATIONS}/officeDocument`, 'xl/workbook.xml'],
    ['rId2', `${PACKAGE}/relationships/metadata/core-properties`, 'docProps/core.xml'],
  ]);
}

export function workbookRelationsXml(sheets: number): string {
  return relationsXml([
    ...eachSheet(sheets, (number): [string, string, string] => [
      `rId${number}`,
      `${RELATIONS}/worksheet`,
      `worksheets/sheet${number}.xml`,
    ]),
    [`rId${sheets + 1}`, `${RELATIONS}/styles`, 'styles.xml'],
  ]);
}

export function workbookXml(sheets: readonly NamedSheet[]): string {
  const entries = sheets.map(
    ({ name }, index) => `<sheet name="${attribute(name)}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`,
  );
  const names = sheets.flatMap((sheet, index) => (sheet.kind === 'table' ? namesOfTable(sheet, index) : []));
  return [
    `${DECLARATION}<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}">`,
    `<bookViews><workbookView activeTab="0"/></bookViews><sheets>${entries.join('')}</sheets>`,
    names.length === 0 ? '' : `<definedNames>${names.join('')}</definedNames>`,
    '</workbook>',
  ].join('');
}

/** Defines names: Excel looks for a filter's range by name too, and the headings are printed on each page. */
function namesOfTable({ name, columns, rows }: NamedSheet, index: number): string[] {
  const sheet = `'${name.replaceAll("'", "''")}'!`;
  const filtered = sheet + tableRange(columns, rows).replace(/[A-Z]+|[0-9]+/g, '$$$&');
  return [
    `<definedName name="_xlnm._FilterDatabase" localSheetId="${index}" hidden="1">${cellXml(filtered)}</definedName>`,
    `<definedName name="_xlnm.Print_Titles" localSheetId="${index}">${cellXml(`${sheet}$1:$1`)}</definedName>`,
  ];
}

export function corePropertiesXml(at: Date): string {
  const time = at.toISOString().replace(/\.\d+Z$/, 'Z');
  return [
    `${DECLARATION}<cp:coreProperties xmlns:cp="${PACKAGE}/metadata/core-properties"`,
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"',
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:creator>kona-enroll</dc:creator>',
    `<dcterms:created xsi:type="dcterms:W3CDTF">${time}</dcterms:created>`,
    `<dcterms:modified xsi:type="dcterms:W3CDTF">${time}</dcterms:modified></cp:coreProperties>`,
  ].join('');
}

const fontNames: Readonly<Record<Language, string>> = { ko: '맑은 고딕', en: 'Calibri' };
/** Built-in formats: General, @, #,##0 and #,##0.00. */
const [GENERAL, TEXT, COUNT, DECIMAL] = [0, 49, 3, 4];
const TOP = '<alignment vertical="top"/>';
const INDENTED = '<alignment horizontal="left" vertical="top" indent="1"/>';
const WRAPPED = '<alignment vertical="top" wrapText="1"/>';
const [PLAIN, BOLD, LARGE, GREEN, RED] = [0, 1, 2, 3, 4];
const [NO_FILL, SHADED] = [0, 2];

/** Cell formats in the order of `cellStyles`. */
const formats = [
  cellFormat(GENERAL, PLAIN, NO_FILL, TOP),
  cellFormat(TEXT, PLAIN, NO_FILL, TOP),
  cellFormat(TEXT, PLAIN, NO_FILL, TOP, ' quotePrefix="1"'),
  cellFormat(TEXT, BOLD, SHADED, WRAPPED),
  cellFormat(COUNT, PLAIN, NO_FILL, TOP),
  cellFormat(TEXT, PLAIN, NO_FILL, WRAPPED),
  cellFormat(TEXT, LARGE, NO_FILL, TOP),
  cellFormat(TEXT, GREEN, NO_FILL, TOP),
  cellFormat(TEXT, RED, NO_FILL, TOP),
  cellFormat(DECIMAL, PLAIN, NO_FILL, TOP),
  cellFormat(TEXT, BOLD, NO_FILL, TOP),
  cellFormat(TEXT, PLAIN, NO_FILL, INDENTED),
];

export function stylesXml(language: Language): string {
  const name = fontNames[language];
  const fonts = [
    fontXml(name, 11, ''),
    fontXml(name, 11, '<b/>'),
    fontXml(name, 16, '<b/>'),
    fontXml(name, 11, '<b/>', '<color rgb="FF1B6E2C"/>'),
    fontXml(name, 11, '<b/>', '<color rgb="FFB3261E"/>'),
  ];
  return [
    `${DECLARATION}<styleSheet xmlns="${MAIN}"><fonts count="${fonts.length}">${fonts.join('')}</fonts>`,
    '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>',
    '<fill><patternFill patternType="solid"><fgColor rgb="FFE3E8EF"/></patternFill></fill></fills>',
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>',
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>',
    `<cellXfs count="${formats.length}">${formats.join('')}</cellXfs>`,
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>',
    '<dxfs count="1"><dxf><font><color rgb="FF9C0006"/></font>',
    '<fill><patternFill patternType="solid"><bgColor rgb="FFFFC7CE"/></patternFill></fill></dxf></dxfs></styleSheet>',
  ].join('');
}

function fontXml(name: string, size: number, weight: string, color = ''): string {
  return `<font>${weight}<sz val="${size}"/>${color}<name val="${name}"/><family val="2"/></font>`;
}

function cellFormat(format: number, font: number, fill: number, alignment: string, more = ''): string {
  const applied = 'applyNumberFormat="1" applyFont="1" applyFill="1" applyAlignment="1"';
  return `<xf numFmtId="${format}" fontId="${font}" fillId="${fill}" borderId="0" xfId="0" ${applied}${more}>${alignment}</xf>`;
}

function relationsXml(relations: readonly (readonly [string, string, string])[]): string {
  const entries = relations.map(
    ([id, type, target]) => `<Relationship Id="${id}" Type="${type}" Target="${target}"/>`,
  );
  return `${DECLARATION}<Relationships xmlns="${PACKAGE}/relationships">${entries.join('')}</Relationships>`;
}

function eachSheet<Entry>(sheets: number, entry: (number: number) => Entry): Entry[] {
  return Array.from({ length: sheets }, (_, index) => entry(index + 1));
}

function attribute(text: string): string {
  return cellXml(text).replaceAll('"', '&quot;');
}
