import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipPart {
  readonly name: string;
  readonly content: string | Uint8Array;
  /** Without: deflated. */
  readonly stored?: boolean;
  /** What the headers state in place of the truth. */
  readonly stated?: {
    readonly crc?: number;
    readonly size?: number;
    readonly method?: number;
    readonly flags?: number;
  };
}

/** A zip file of these parts in this order, with nothing checked: one name may stand twice, sizes may be wrong. */
export function makeZip(parts: readonly ZipPart[]): Buffer {
  const locals: Uint8Array[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, stored = false, stated = {} } of parts) {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    const packed = stored ? bytes : deflateRawSync(bytes);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(stated.flags ?? 0x800, 2);
    common.writeUInt16LE(stated.method ?? (stored ? 0 : 8), 4);
    common.writeUInt32LE(stated.crc ?? crc32(bytes), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(stated.size ?? bytes.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    locals.push(Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), packed);
    const where = Buffer.alloc(14);
    where.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\0', 'latin1'), common, where, Buffer.from(name));
    offset += 30 + Buffer.byteLength(name) + packed.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(parts.length, 4);
  end.writeUInt16LE(parts.length, 6);
  end.writeUInt32LE(Buffer.concat(directory).length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, ...directory, Buffer.from('PK\x05\x06', 'latin1'), end]);
}

export interface SheetParts {
  readonly name: string;
  readonly state?: 'hidden' | 'veryHidden';
  readonly kind?: 'worksheet' | 'chartsheet';
  /** XML inside `sheetData`. */
  readonly rows?: string;
}

export interface WorkbookParts {
  /** XML inside the first sheet's `sheetData`. */
  readonly rows?: string;
  /** In place of the one sheet `List`. */
  readonly sheets?: readonly SheetParts[];
  /** XML inside `sst`. */
  readonly strings?: string;
  /** Number formats by their built-in number or their code; the first is style 1. */
  readonly formats?: readonly (number | string)[];
  readonly date1904?: boolean;
  /** Whole parts in place of ours, or beside them; null takes one away. */
  readonly parts?: Readonly<Record<string, string | Uint8Array | null>>;
}

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';

export const SHEET_PART = 'xl/worksheets/sheet1.xml';
export const STRINGS_PART = 'xl/sharedStrings.xml';

/** A workbook as Excel writes it but for what is given; made part by part, so that it can be wrong anywhere. */
export function makeWorkbook(given: WorkbookParts = {}): Buffer {
  return makeZip(workbookParts(given));
}

export function workbookParts(given: WorkbookParts): ZipPart[] {
  const { parts = {}, rows = '' } = given;
  const sheets = given.sheets ?? [{ name: 'List', rows }];
  const all: Record<string, string | Uint8Array | null> = {
    '[Content_Types].xml': contentTypes(),
    '_rels/.rels': relations([['rId1', 'officeDocument', 'xl/workbook.xml']]),
    'xl/workbook.xml': workbook(sheets, given.date1904 ?? false),
    'xl/_rels/workbook.xml.rels': relations([
      ...sheets.map(
        ({ kind = 'worksheet' }, i) => [`rId${i + 1}`, kind, `${kind}s/sheet${i + 1}.xml`] as const,
      ),
      ['rIdStyles', 'styles', 'styles.xml'],
      ...(given.strings === undefined ? [] : [['rIdStrings', 'sharedStrings', 'sharedStrings.xml'] as const]),
    ]),
    'xl/styles.xml': styles(given.formats ?? []),
    ...(given.strings === undefined
      ? {}
      : { [STRINGS_PART]: `${XML}<sst xmlns="${MAIN}">${given.strings}</sst>` }),
    ...Object.fromEntries(
      sheets.map((sheet, i) => [
        `xl/${sheet.kind ?? 'worksheet'}s/sheet${i + 1}.xml`,
        worksheet(sheet.rows ?? ''),
      ]),
    ),
    ...parts,
  };
  return Object.entries(all).flatMap(([name, content]) => (content === null ? [] : [{ name, content }]));
}

export function worksheet(rows: string): string {
  return `${XML}<worksheet xmlns="${MAIN}"><sheetData>${rows}</sheetData></worksheet>`;
}

/** A row of text cells, as inline strings. */
export function textRow(line: number, ...texts: readonly string[]): string {
  return `<row r="${line}">${texts.map((text) => `<c t="inlineStr"><is><t>${text}</t></is></c>`).join('')}</row>`;
}

function contentTypes(): string {
  const sheet = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml';
  return `${XML}<Types xmlns="${PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${sheet}"/></Types>`;
}

function relations(of: readonly (readonly [id: string, type: string, target: string])[]): string {
  const inside = of.map(
    ([id, type, target]) => `<Relationship Id="${id}" Type="${OFFICE}/${type}" Target="${target}"/>`,
  );
  return `${XML}<Relationships xmlns="${PACKAGE}/relationships">${inside.join('')}</Relationships>`;
}

function workbook(sheets: readonly SheetParts[], date1904: boolean): string {
  const inside = sheets.map(({ name, state = 'visible' }, i) => {
    return `<sheet name="${name}" sheetId="${i + 1}" state="${state}" r:id="rId${i + 1}"/>`;
  });
  return `${XML}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><workbookPr${date1904 ? ' date1904="1"' : ''}/><sheets>${inside.join('')}</sheets></workbook>`;
}

function styles(formats: readonly (number | string)[]): string {
  const numbered = formats.map((format, i) => (typeof format === 'number' ? format : 164 + i));
  const codes = formats.map((format, i) => {
    const code = String(format).replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
    return typeof format === 'number' ? '' : `<numFmt numFmtId="${164 + i}" formatCode="${code}"/>`;
  });
  const xfs = ['<xf numFmtId="0"/>', ...numbered.map((id) => `<xf numFmtId="${id}"/>`)];
  return `${XML}<styleSheet xmlns="${MAIN}"><numFmts>${codes.join('')}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>${xfs.join('')}</cellXfs></styleSheet>`;
}
