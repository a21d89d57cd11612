import type { ByteFault } from './byte-check.ts';
import { MAX_FIELD_BYTES, MAX_ROW_BYTES } from './csv-limits.ts';
import type { CsvFault } from './csv-reader.ts';
import { ListRefusedError } from './list-source.ts';
import { lineAtByte } from './physical-lines.ts';

const KIB = 1024;

/** `path` is read again, up to the fault, to name its line. */
export async function refuseBytes(path: string, file: string, fault: ByteFault): Promise<ListRefusedError> {
  if (fault.kind === 'not_text') {
    const what = `the file is no UTF-8 text but looks like ${fault.looksLike}`;
    return new ListRefusedError({
      reason: 'binary',
      file,
      line: null,
      column: null,
      what,
      advice: fault.advice,
    });
  }
  const place = { file, line: await lineAtByte(path, fault.offset), column: null };
  if (fault.kind === 'nul') {
    const what = `the file holds a NUL byte at byte offset ${fault.offset}, so it is binary or UTF-16 text`;
    return new ListRefusedError({
      reason: 'binary',
      ...place,
      what,
      advice: 'export the list as "CSV UTF-8"',
    });
  }
  const byte = `0x${fault.byte.toString(16).padStart(2, '0').toUpperCase()}`;
  const what = `the byte ${byte} at byte offset ${fault.offset} is not UTF-8`;
  const advice = 'the list may be in CP949 (Korean Excel\'s plain "CSV"), export it as "CSV UTF-8"';
  return new ListRefusedError({ reason: 'encoding', ...place, what, advice });
}

/** The reader was given the file from byte `from` on. */
export async function refuseCsv(
  path: string,
  file: string,
  fault: CsvFault,
  from: number,
): Promise<ListRefusedError> {
  const line = 'line' in fault.start ? fault.start.line : await lineAtByte(path, from + fault.start.offset);
  return new ListRefusedError({
    reason: fault.kind,
    file,
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
