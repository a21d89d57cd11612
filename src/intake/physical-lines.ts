import { readListFile } from './list-file.ts';

const LF = 0x0a;
const CR = 0x0d;

/** Line breaks in a text; CR LF is one, a lone CR or LF is one each. */
export function countLineBreaks(text: string): number {
  if (!text.includes('\n') && !text.includes('\r')) return 0;
  return text.match(/\r\n|\r|\n/g)?.length ?? 0;
}

/**
 * The physical line that byte `offset` of the file stands on, 1 for the first. Reads the file again up to
 * there, so it is for the one sentence of a refusal.
 */
export async function lineAtByte(path: string, offset: number): Promise<number> {
  let line = 1;
  let previous = 0;
  for await (const chunk of readListFile(path, offset)) {
    for (const byte of chunk) {
      if (byte === CR || (byte === LF && previous !== CR)) line += 1;
      previous = byte;
    }
  }
  return line;
}
