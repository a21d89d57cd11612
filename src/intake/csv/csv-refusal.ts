import type { ByteFault } from './byte-check.ts';
import { MAX_FIELD_BYTES, MAX_ROW_BYTES } from '../list-limits.ts';
import type { CsvFault } from './csv-reader.ts';
import { ListRefusedError } from '../list-errors.ts';
import { lineAtByte } from './physical-lines.ts';
import { type CsvStart, readCsvText } from './csv-text.ts';
import { readTextFile, UndecodableError, type TextFile } from './text-file.ts';
import { type PlaceInText, placeOfFault } from './text-place.ts';

const KIB = 1024;

/** The file is read again, up to the fault, to name its place. Any other error is handed back as it is. */
export async function refuseUndecodable(error: unknown, file: TextFile, delimiter: string): Promise<unknown> {
  if (!(error instanceof UndecodableError)) return error;
  const { fault } = error;
  if (fault.kind === 'not_text') {
    const what = `the file is no ${namesOf[file.encoding]} text but looks like ${fault.looksLike}`;
    const { advice } = fault;
    return new ListRefusedError({
      reason: 'binary',
      file: file.name,
      line: null,
      column: null,
      what,
      advice,
    });
  }
  const place = await placeOfFault(file, fault.offset, delimiter);
  return refuseBytes(file, fault, place, file.encoding === 'cp949' ? await utf8Words(file) : '');
}

const namesOf: Readonly<Record<TextFile['encoding'], string>> = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16 LE',
  'utf-16be': 'UTF-16 BE',
  cp949: 'CP949',
};

/** A file put together from two may be both; where the second begins is what its owner looks for. */
async function utf8Words(file: TextFile): Promise<string> {
  const asUtf8: TextFile = { ...file, encoding: 'utf-8' };
  try {
    const chunks = readTextFile(asUtf8);
    while ((await chunks.next()).done !== true);
    return ', but the file is UTF-8';
  } catch (error) {
    if (!(error instanceof UndecodableError) || error.fault.kind === 'not_text') return '';
    const { line } = await placeOfFault(asUtf8, error.fault.offset, ',');
    return `, nor is the file UTF-8${line === 1 ? '' : ` from line ${line} on`}`;
  }
}

function refuseBytes(
  file: TextFile,
  fault: Exclude<ByteFault, { kind: 'not_text' }>,
  { line, column, character }: PlaceInText,
  asUtf8: string,
): ListRefusedError {
  const at = `at byte offset ${fault.offset} (character ${character} of the line)`;
  if (fault.kind === 'nul') {
    const what = `there is a NUL ${at}, so the file is binary, or UTF-16 text without its mark`;
    const advice =
      'export the list as "CSV UTF-8", or name its encoding with --encoding utf-16le or utf-16be';
    return new ListRefusedError({ reason: 'binary', file: file.name, line, column, what, advice });
  }
  const byte = `0x${fault.byte.toString(16).padStart(2, '0').toUpperCase()}`;
  const what = `the byte ${byte} ${at} is not ${namesOf[file.encoding]}${asUtf8}`;
  const advice = 'export the list again as "CSV UTF-8", or name its encoding with --encoding';
  return new ListRefusedError({ reason: 'encoding', file: file.name, line, column, what, advice });
}

/** Of a text that was read from `start` on. */
export async function refuseCsv(file: TextFile, fault: CsvFault, start: CsvStart): Promise<ListRefusedError> {
  const line =
    'line' in fault.start
      ? fault.start.line
      : start.blankLines + (await lineAtByte(readCsvText(file, start), fault.start.offset));
  return new ListRefusedError({
    reason: fault.kind,
    file: file.name,
    line,
    column: fault.column,
    ...sentenceOf(fault.kind),
  });
}

function sentenceOf(kind: CsvFault['kind']): { what: string; advice: string } {
  const closeIt = 'close the quote, or double a quote that belongs to the text';
  switch (kind) {
    case 'quote_not_closed':
      return { what: 'a quote is opened here and never closed', advice: closeIt };
    case 'quote_misplaced':
      return {
        what: 'the cell that starts here has a quote where none can stand',
        advice: 'put the whole cell in quotes and double the quotes inside it, or export the list again',
      };
    case 'field_too_large':
      return {
        what: `the cell that starts here is larger than ${MAX_FIELD_BYTES / KIB} KiB, as after a quote that is not closed`,
        advice: `${closeIt}, or shorten the cell`,
      };
    case 'row_too_large':
      return {
        what: `what starts here makes a row larger than ${MAX_ROW_BYTES / KIB} KiB, as after a quote that is not closed`,
        advice: `${closeIt}, or shorten the row`,
      };
  }
}
