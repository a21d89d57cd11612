import { basename } from 'node:path';
import { cleanUntrustedText } from '../../domain/untrusted-text.ts';
import { MOST_OF_A_NAME } from '../list-limits.ts';
import { CsvReader } from './csv-reader.ts';
import { refuseCsv, refuseUndecodable } from './csv-refusal.ts';
import { findCsvStart } from './csv-start.ts';
import { judgeEncoding, type EncodingChoice } from './encoding-choice.ts';
import type { HeaderSearch } from '../header/list-header.ts';
import { FOREIGN_HEAD_BYTES, findForeignText } from '../foreign-text.ts';
import { ListRefusedError } from '../list-errors.ts';
import { assertListFile, readHead } from '../list-file.ts';
import type { ListRecord, ListTable, TableReading, TableTotals } from '../list-table.ts';
import type { TextEncoding } from './text-decoding.ts';
import { type CsvStart, readCsvText } from './csv-text.ts';
import type { TextFile } from './text-file.ts';

export interface CsvTable extends ListTable {
  readonly verdict: EncodingChoice;
  readonly delimiter: string;
}

export interface CsvTableOptions {
  readonly encoding: TextEncoding | 'auto';
  /** The settings that recognise a header, which decides between delimiters. */
  readonly search: HeaderSearch;
}

/**
 * Opens a CSV or TSV file and finds its encoding and delimiter. No file stays open. Throws ListNotFoundError or
 * ListRefusedError.
 */
export async function openCsvTable(path: string, options: CsvTableOptions): Promise<CsvTable> {
  await assertListFile(path);
  await refuseForeignText(path);
  const verdict = await judgeEncoding(path, options.encoding);
  const file: TextFile = {
    path,
    name: cleanUntrustedText(basename(path), MOST_OF_A_NAME),
    encoding: verdict.encoding,
  };
  const start = await findCsvStart(file, options.search);
  return {
    format: 'csv',
    name: file.name,
    header: null,
    sheets: null,
    verdict,
    delimiter: start.delimiter,
    cellName: () => null,
    records: (reading) => readRecords(file, start, reading),
  };
}

/**
 * Returns whether a byte is an ASCII letter or digit, of which ids are made. A line end, quote or blank behind it
 * closes the cell.
 */
function isLetterOrDigit(byte: number): boolean {
  return /^[0-9A-Za-z]$/.test(String.fromCharCode(byte));
}

/** Refuses a web page or similar file that only has a list's name, and says what it is. */
async function refuseForeignText(path: string): Promise<void> {
  const foreign = findForeignText(await readHead(path, FOREIGN_HEAD_BYTES));
  if (foreign === null) return;
  throw new ListRefusedError({
    reason: 'binary',
    file: basename(path),
    line: null,
    column: null,
    what: { en: `it is no list but ${foreign.kind.en}`, ko: `목록이 아닙니다: ${foreign.kind.ko}` },
    advice: foreign.advice,
  });
}

/** Yields the records of each chunk of the file as one set. */
async function* readRecords(
  file: TextFile,
  start: CsvStart,
  reading: TableReading,
): AsyncGenerator<readonly ListRecord[], TableTotals> {
  const reader = new CsvReader(start.delimiter, start.blankLines + 1);
  let lastByte = 0;
  try {
    for await (const chunk of readCsvText(file, start, reading.onBytes)) {
      reading.signal?.throwIfAborted();
      lastByte = chunk.at(-1) ?? lastByte;
      const fault = await reader.write(chunk);
      if (fault !== null) throw await refuseCsv(file, fault, start);
      const records = reader.take();
      if (records.length > 0) yield records;
    }
    const fault = await reader.end();
    if (fault !== null) throw await refuseCsv(file, fault, start);
    const records = reader.take();
    if (records.length > 0) yield records;
    return {
      records: reader.recordCount,
      blankLines: start.blankLines + reader.blankLines,
      openEnd: isLetterOrDigit(lastByte) ? reader.lastLine : undefined,
    };
  } catch (error) {
    throw await refuseUndecodable(error, file, start.delimiter);
  } finally {
    reader.close();
  }
}
