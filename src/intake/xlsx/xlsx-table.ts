import { basename } from 'node:path';
import { cleanUntrustedText } from '../../domain/untrusted-text.ts';
import { MOST_OF_A_NAME } from '../list-limits.ts';
import { assertListFile, scanListFile } from '../list-file.ts';
import type { Words } from '../../domain/language.ts';
import { type ListRefusedError, refuseChangedFile } from '../list-errors.ts';
import type { ListRecord, ListTable, SheetsRead, TableReading, TableTotals } from '../list-table.ts';
import { openArchive, type XlsxArchive, type XlsxFile } from './xlsx-archive.ts';
import type { CellContext } from './xlsx-cell.ts';
import { assertZipFile, isCompound, isZip } from './xlsx-kind.ts';
import { RecordSets } from './xlsx-records.ts';
import { columnLetters } from './xlsx-reference.ts';
import { refuseDamaged, refusePlace, refuseWorkbook, SAVE_AS_XLSX } from './xlsx-refusal.ts';
import { type SheetFault, SheetReader } from './xlsx-sheet.ts';
import { chooseSheet, firstVisible, showSheet } from './xlsx-sheet-choice.ts';
import { SharedStrings, sharedStringHandlers } from './xlsx-strings.ts';
import { DateStyles, styleHandlers } from './xlsx-styles.ts';
import { readWorkbook, refuseXml, type Workbook, type Worksheet } from './xlsx-workbook.ts';
import { readXml, type XmlHandlers, XmlReader } from './xml/xml-reader.ts';

export interface XlsxTableOptions {
  /** Name of the sheet; null for the first one that is visible. */
  readonly sheet: string | null;
}

/** Returns whether a file's first bytes are those of a workbook, or at least of a zip file, whatever its name. */
export function looksLikeWorkbook(head: Buffer): boolean {
  return isZip(head) || isCompound(head);
}

/**
 * Opens a workbook and finds the sheet. No file stays open: `records` opens it again, so a table that is never read
 * needs no closing. Throws ListNotFoundError or ListRefusedError.
 */
export async function openXlsxTable(path: string, options: XlsxTableOptions): Promise<ListTable> {
  const file: XlsxFile = { path, name: cleanUntrustedText(basename(path), MOST_OF_A_NAME) };
  const source = await openSource(file, options.sheet);
  await source.archive.close();
  return {
    format: 'xlsx',
    name: file.name,
    header: null,
    sheets: sheetsOf(source),
    cellName: (line, index) => nameCell(source, line, index),
    records: (reading) => readRecords(file, options.sheet, reading),
  };
}

interface OpenSource {
  readonly archive: XlsxArchive;
  readonly workbook: Workbook;
  readonly sheet: Worksheet;
  /** Name of the sheet's part. */
  readonly part: string;
}

/** Opens the workbook. The caller must close the returned `archive`; it is closed already when this throws. */
async function openSource(file: XlsxFile, sheetName: string | null): Promise<OpenSource> {
  await assertListFile(file.path);
  await assertZipFile(file);
  const archive = await openArchive(file);
  try {
    const workbook = await readWorkbook(archive, file);
    const sheet = chooseSheet(workbook, file.name, sheetName);
    if (sheet.part === null) throw refuseMissingSheet(file, sheet);
    return { archive, workbook, sheet, part: sheet.part };
  } catch (error) {
    await archive.close();
    throw error;
  }
}

function refuseMissingSheet(file: XlsxFile, sheet: Worksheet): ListRefusedError {
  const name = showSheet(sheet);
  return refuseWorkbook(
    file.name,
    {
      en: `the workbook is damaged: a part of it is missing, so sheet "${name}" has no content`,
      ko: `통합 문서가 손상되었습니다: 일부가 없어 시트 "${name}"에 내용이 없습니다`,
    },
    {
      ...SAVE_AS_XLSX,
      atTerminal: {
        en: 'or name the sheet that holds the list with --sheet or list.sheet',
        ko: '또는 목록이 있는 시트를 --sheet나 list.sheet로 지정해 주십시오',
      },
    },
  );
}

async function* readRecords(
  file: XlsxFile,
  sheetName: string | null,
  reading: TableReading,
): AsyncGenerator<readonly ListRecord[], TableTotals> {
  const { signal } = reading;
  signal?.throwIfAborted();
  const source = await openSource(file, sheetName);
  try {
    const totals = yield* readSheet(file, source, signal);
    for await (const chunk of scanListFile(file.path)) {
      signal?.throwIfAborted();
      reading.onBytes(chunk);
    }
    if (!(await source.archive.isUnchanged())) throw refuseChangedFile(file.name);
    return totals;
  } finally {
    await source.archive.close();
  }
}

async function* readSheet(
  file: XlsxFile,
  source: OpenSource,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly ListRecord[], TableTotals> {
  const context = await readContext(file, source, signal);
  const sheet = new SheetReader(context, (fault) => refuseFault(file, source, fault));
  const refuse = refuseXml(file);
  const xml = new XmlReader(
    sheet,
    (fault) => (fault === 'too_long' && sheet.refuseTooLong()) || refuse(fault),
  );
  const sets = new RecordSets();
  for await (const chunk of source.archive.readPart(source.part, 'sheet')) {
    for (const piece of piecesOf(chunk)) {
      signal?.throwIfAborted();
      xml.write(piece);
      sets.add(sheet.take());
      yield* abortable(sets.take(false), signal);
    }
  }
  xml.end();
  sets.add(sheet.take());
  yield* abortable(sets.take(true), signal);
  return { records: sets.count, blankLines: sets.blankLines };
}

/**
 * Size of the pieces in which a sheet is read. A few bytes of a sheet may refer to 64 KiB of text, so a whole chunk
 * could make 100 MB of rows.
 */
const PIECE_BYTES = 8 * 1024;

function* piecesOf(chunk: Buffer): Generator<Buffer> {
  for (let at = 0; at < chunk.length; at += PIECE_BYTES) yield chunk.subarray(at, at + PIECE_BYTES);
}

/** Reads into memory the parts that the sheet's cells refer to. */
async function readContext(
  file: XlsxFile,
  { archive, workbook }: OpenSource,
  signal: AbortSignal | undefined,
): Promise<CellContext> {
  const strings = new SharedStrings();
  const dates = new DateStyles();
  const { stringsPart, stylesPart, date1904 } = workbook;
  const readerFor = (handlers: XmlHandlers): XmlReader => new XmlReader(handlers, refuseXml(file));
  if (stringsPart !== null) {
    const reader = readerFor(sharedStringHandlers(strings));
    await readXml(archive.readPart(stringsPart, 'strings'), reader, signal);
  }
  if (stylesPart !== null) {
    await readXml(archive.readPart(stylesPart, 'other'), readerFor(styleHandlers(dates)), signal);
  }
  return { strings, dates, date1904 };
}

function* abortable<T>(sets: Iterable<T>, signal: AbortSignal | undefined): Generator<T> {
  for (const set of sets) {
    yield set;
    signal?.throwIfAborted();
  }
}

function refuseFault(file: XlsxFile, source: OpenSource, fault: SheetFault): ListRefusedError {
  const { kind, line, column, what } = fault;
  if (line === 0) return refuseDamaged(file.name, what);
  const cell = column === null ? nameRow(source, line) : nameCell(source, line, column);
  return refusePlace(file.name, kind === 'damaged' ? 'workbook' : kind, { line, cell }, what);
}

function nameCell(source: OpenSource, line: number, index: number): Words {
  const name = `${columnLetters(index)}${line}`;
  const sheet = sheetPrefix(source);
  return { en: `${sheet.en}cell ${name}`, ko: `${sheet.ko}셀 ${name}` };
}

function nameRow(source: OpenSource, line: number): Words {
  const sheet = sheetPrefix(source);
  return { en: `${sheet.en}row ${line}`, ko: `${sheet.ko}${line}행` };
}

function sheetsOf({ workbook, sheet }: OpenSource): SheetsRead {
  const unread = workbook.sheets.filter((other) => other !== sheet);
  const hidden = unread.filter(({ isVisible }) => !isVisible);
  return { read: showSheet(sheet), unread: unread.map(showSheet), hidden: hidden.map(showSheet) };
}

/** Names the sheet in messages, unless it is the one that opens first. */
function sheetPrefix({ workbook, sheet }: OpenSource): Words {
  if (sheet === firstVisible(workbook)) return { en: '', ko: '' };
  const name = showSheet(sheet);
  return { en: `sheet "${name}", `, ko: `시트 "${name}", ` };
}
