import { splitHandedBackHeader } from '../../domain/result-columns.ts';
import { CsvReader } from './csv-reader.ts';
import { refuseUndecodable } from './csv-refusal.ts';
import { findHeader, type FoundHeader, HEADER_LINES, type HeaderSearch } from '../header/list-header.ts';
import { ListRefusedError } from '../list-errors.ts';
import { delimiters, ListStart } from './list-start.ts';
import { isPar, isUserId } from '../rows/id-cell.ts';
import type { ListRecord } from '../list-table.ts';
import type { CsvStart } from './csv-text.ts';
import { BareQuotes } from './bare-quotes.ts';
import { readTextFile, type TextFile } from './text-file.ts';

/** Bytes in which the delimiters are counted: enough for a header and the titles above it. */
const SNIFFED_BYTES = 256 * 1024;
/** Lines read to find the delimiter; a header may extend over several lines. */
const SNIFFED_LINES = HEADER_LINES * 2;

/**
 * Finds the delimiter and where the list starts. Throws ListRefusedError for a file that holds nothing but blanks.
 */
export async function findCsvStart(file: TextFile, search: HeaderSearch): Promise<CsvStart> {
  const start = new ListStart();
  const head: Buffer[] = [];
  let length = 0;
  let isFound = false;
  try {
    for await (const chunk of readTextFile(file)) {
      isFound ||= start.take(chunk);
      head.push(chunk);
      length += chunk.length;
      if (isFound && length - start.place.offset >= SNIFFED_BYTES) break;
    }
  } catch (error) {
    // The reader meets and explains bytes further down that can't be decoded.
    if (!isFound) throw await refuseUndecodable(error, file, ',');
  }
  if (!start.found) throw refuseEmpty(file.name);
  const { offset, blankLines } = start.place;
  const text = firstLines(Buffer.concat(head).subarray(offset));
  return {
    offset,
    blankLines,
    delimiter: await sniffDelimiter(text, start.delimiter, blankLines + 1, search),
  };
}

function firstLines(text: Buffer): Buffer {
  let end = 0;
  for (let lines = 0; lines < SNIFFED_LINES; lines += 1) {
    const next = text.subarray(end).findIndex((byte) => byte === LF || byte === CR);
    if (next === -1) return text;
    end += next + 1;
  }
  return text.subarray(0, end);
}

const LF = 0x0a;
const CR = 0x0d;

function refuseEmpty(file: string): ListRefusedError {
  return new ListRefusedError({
    reason: 'empty',
    file,
    line: null,
    column: null,
    what: {
      en: 'the file is empty and has not even a header',
      ko: '파일이 비어 있어 제목 행조차 없습니다',
    },
    advice: {
      en: 'export the list again; a list without members still has its header line',
      ko: '목록을 다시 내보내 주십시오. 회원이 없는 목록에도 제목 행은 있습니다',
    },
  });
}

/**
 * Chooses the delimiter: the one a line `sep=;` gives to Excel, else the one under which a header is found, else
 * `counted`, the one that occurs most in the first line.
 */
async function sniffDelimiter(
  text: Buffer,
  counted: string,
  firstLine: number,
  search: HeaderSearch,
): Promise<string> {
  const told = /^\ufeff?"?sep=([^\r\n\w\s"]|\t)/i.exec(text.subarray(0, 16).toString())?.[1];
  if (told !== undefined) return told;
  const candidates = [counted, ...delimiters.filter((delimiter) => delimiter !== counted)];
  const found = new Map<string, number>();
  for (const delimiter of candidates) {
    const records = await readFirstRecords(text, delimiter, firstLine);
    found.set(delimiter, scoreOf(records, search));
  }
  return candidates.reduce((best, next) => ((found.get(next) ?? 0) > (found.get(best) ?? 0) ? next : best));
}

/**
 * Ranks a delimiter. A header that can't be used ranks above none at all. Of two usable headers, the one above rows
 * with a user id and a PAR in its two columns ranks higher. Our own columns rank highest, because only the settings
 * of the list's run may know the names of its other columns.
 */
function scoreOf(records: readonly ListRecord[], search: HeaderSearch): number {
  if (records.some(({ cells }) => splitHandedBackHeader(cells).handedBack)) return 4;
  const header = findHeader(records, search);
  if (header.kind === 'found') return records.some((record) => isMember(record, header)) ? 3 : 2;
  return header.reason === 'column_missing' ? 0 : 1;
}

function isMember({ line, cells }: ListRecord, header: FoundHeader): boolean {
  const isBelow = header.line === null || line > header.line;
  return isBelow && isUserId(cells[header.userId] ?? '') && isPar(cells[header.par] ?? '');
}

/** Returns the records before the end of the sample or before a fault; a later fault does not matter here. */
async function readFirstRecords(
  text: Buffer,
  delimiter: string,
  firstLine: number,
): Promise<readonly ListRecord[]> {
  const reader = new CsvReader(delimiter, firstLine);
  const quotes = new BareQuotes(delimiter);
  try {
    const fault = await reader.write(Buffer.concat([quotes.take(text), quotes.finish()]));
    if (fault === null) await reader.end();
    return reader.take();
  } finally {
    reader.close();
  }
}
