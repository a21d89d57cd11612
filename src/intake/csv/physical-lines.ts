const LF = 0x0a;
const CR = 0x0d;

/** Counts line breaks in a text: CR LF is one, a lone CR or LF is one each. */
export function countLineBreaks(text: string): number {
  if (!text.includes('\n') && !text.includes('\r')) return 0;
  return text.match(/\r\n|\r|\n/g)?.length ?? 0;
}

/**
 * Returns the physical line, counted from 1, on which byte `offset` of the text stands. Reads no further than that.
 */
export async function lineAtByte(text: AsyncIterable<Buffer>, offset: number): Promise<number> {
  let line = 1;
  let previous = 0;
  let left = offset;
  for await (const chunk of text) {
    for (const byte of chunk.subarray(0, left)) {
      if (byte === CR || (byte === LF && previous !== CR)) line += 1;
      previous = byte;
    }
    left -= chunk.length;
    if (left <= 0) break;
  }
  return line;
}
