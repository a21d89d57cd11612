import { BareQuotes } from './bare-quotes.ts';
import { readTextFile, type TextFile } from './text-file.ts';

/** Where the parser starts: at the first line that is not blank. */
export interface CsvStart {
  /** Byte offset in the text as UTF-8. */
  readonly offset: number;
  readonly blankLines: number;
  readonly delimiter: string;
}

/** Yields the text, from its start on, as the parser needs it. `onBytes` receives every byte of the file. */
export async function* readCsvText(
  file: TextFile,
  start: CsvStart,
  onBytes?: (chunk: Buffer) => void,
): AsyncGenerator<Buffer> {
  const quotes = new BareQuotes(start.delimiter);
  let toSkip = start.offset;
  for await (const chunk of readTextFile(file, onBytes)) {
    const text = quotes.take(chunk.subarray(toSkip));
    toSkip = Math.max(0, toSkip - chunk.length);
    if (text.length > 0) yield text;
  }
  const rest = withoutEndMark(quotes.finish());
  if (rest.length > 0) yield rest;
}

const END_MARK = 0x1a;
const LINE_END = Buffer.from('\n');

/** Puts a line end in place of Control-Z, with which old systems end a file, also several times. */
function withoutEndMark(rest: Buffer): Buffer {
  let end = rest.length;
  while (rest[end - 1] === END_MARK) end -= 1;
  return end === rest.length ? rest : Buffer.concat([rest.subarray(0, end), LINE_END]);
}
