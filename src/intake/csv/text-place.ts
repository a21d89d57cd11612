import { readListFile } from '../list-file.ts';
import { startDecoding } from './text-decoding.ts';
import type { TextFile } from './text-file.ts';

/** A place in a text; each number counts from 1. */
export interface PlaceInText {
  readonly line: number;
  /** Position of the cell in its line. */
  readonly column: number;
  /** Position of the character in its line. */
  readonly character: number;
}

/** Returns the place of byte `offset` of the file. All bytes before it can be decoded. */
export async function placeOfFault(file: TextFile, offset: number, delimiter: string): Promise<PlaceInText> {
  const decoding = startDecoding(file.encoding);
  let line = 1;
  let text = '';
  const decoder = new TextDecoder('utf-8');
  for await (const chunk of readListFile(file.path, offset)) {
    const decoded = decoding.decode(chunk);
    if (decoded.kind === 'fault') break;
    const lines = (text + decoder.decode(decoded.bytes, { stream: true })).split(/\r\n|\r(?!$)|\n/);
    line += lines.length - 1;
    text = lines.at(-1) ?? '';
  }
  if (text.endsWith('\r')) return { line: line + 1, column: 1, character: 1 };
  return { line, column: cellsOf(text, delimiter), character: Array.from(text).length + 1 };
}

/** Counts the cells of a line, taking quotes as if they began on this line. */
function cellsOf(lineSoFar: string, delimiter: string): number {
  let cells = 1;
  let isQuoted = false;
  for (const character of lineSoFar) {
    if (character === '"') isQuoted = !isQuoted;
    else if (character === delimiter && !isQuoted) cells += 1;
  }
  return cells;
}
