import { ByteCheck } from './byte-check.ts';
import { CsvReader, type CsvRecord } from './csv-reader.ts';
import { refuseBytes, refuseCsv } from './csv-refusal.ts';
import { readListFile } from './list-file.ts';
import { ListRefusedError } from './list-source.ts';
import { type Delimiter, ListStart } from './list-start.ts';

export interface CsvFile {
  readonly path: string;
  /** Base name, for sentences. */
  readonly name: string;
}

/** The first line that is not blank: there the parser starts. */
export interface CsvStart {
  readonly offset: number;
  readonly blankLines: number;
  readonly delimiter: Delimiter;
}

export interface CsvTotals {
  /** Header included, blank lines not. */
  readonly records: number;
  readonly blankLines: number;
}

/** Throws ListRefusedError for a file that holds nothing but blanks. */
export async function findCsvStart(file: CsvFile): Promise<CsvStart> {
  const start = new ListStart();
  for await (const chunk of readText(file)) {
    if (start.take(chunk)) break;
  }
  if (start.found) return { ...start.place, delimiter: start.delimiter };
  throw new ListRefusedError({
    reason: 'empty',
    file: file.name,
    line: null,
    column: null,
    what: 'the file is empty, not even a header is there',
    advice: 'export the list again; a list without members still has its header line',
  });
}

/**
 * The records from the header on, as many at a time as one chunk of the file gives. `onBytes` sees every
 * byte of the file once, in order. Returns the totals; throws ListRefusedError.
 */
export async function* readCsvRecords(
  file: CsvFile,
  start: CsvStart,
  onBytes: (chunk: Buffer) => void,
): AsyncGenerator<readonly CsvRecord[], CsvTotals> {
  const reader = new CsvReader(start.delimiter, start.blankLines + 1);
  let toSkip = start.offset;
  try {
    for await (const chunk of readText(file)) {
      onBytes(chunk);
      const fault = await reader.write(chunk.subarray(toSkip));
      toSkip = Math.max(0, toSkip - chunk.length);
      if (fault !== null) throw await refuseCsv(file.path, file.name, fault, start.offset);
      yield reader.take();
    }
    const fault = await reader.end();
    if (fault !== null) throw await refuseCsv(file.path, file.name, fault, start.offset);
    yield reader.take();
    return { records: reader.recordCount, blankLines: start.blankLines + reader.blankLines };
  } finally {
    reader.close();
  }
}

/** The file's bytes, every one of them checked to be text before it is handed on. */
async function* readText(file: CsvFile): AsyncGenerator<Buffer> {
  const check = new ByteCheck();
  for await (const chunk of readListFile(file.path)) {
    const fault = check.check(chunk);
    if (fault !== null) throw await refuseBytes(file.path, file.name, fault);
    yield chunk;
  }
  const fault = check.finish();
  if (fault !== null) throw await refuseBytes(file.path, file.name, fault);
}
