import { MAX_ROW_BYTES } from '../list-limits.ts';

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
const SPACE = 0x20;
const TAB = 0x09;
const BOM = [0xef, 0xbb, 0xbf];

/** Delimiters in order of preference, for when nothing else decides. */
export const delimiters: readonly string[] = [',', ';', '\t', '|'];

/**
 * Finds the first line that is not blank and counts the delimiters outside its quotes. The line may extend over
 * several physical lines where a quoted cell does.
 */
export class ListStart {
  private counts = new Map<number, number>();
  private line = 1;
  private quoted = false;
  private foundSoFar = false;
  private previous = 0;
  private lineStart = 0;
  private offset = 0;

  /**
   * Takes the next bytes of the file. Returns true once the whole line was seen, or more of it than a row may have.
   */
  take(chunk: Buffer): boolean {
    for (const byte of chunk) {
      const ended = this.takeByte(byte);
      this.previous = byte;
      this.offset += 1;
      if (ended) return true;
    }
    return false;
  }

  /** False where the file has only blanks. */
  get found(): boolean {
    return this.foundSoFar;
  }

  /** The byte at which the line starts, and the number of blank lines above it. */
  get place(): { readonly offset: number; readonly blankLines: number } {
    return { offset: this.lineStart, blankLines: this.line - 1 };
  }

  /** The delimiter that occurs most; comma where none occurs or two occur equally often. */
  get delimiter(): string {
    const count = (delimiter: string): number => this.counts.get(delimiter.charCodeAt(0)) ?? 0;
    return delimiters.reduce((best, next) => (count(next) > count(best) ? next : best), ',');
  }

  private takeByte(byte: number): boolean {
    const isBreak = !this.quoted && (byte === LF || byte === CR);
    if (isBreak && this.foundSoFar) return true;
    if (this.offset - this.lineStart > MAX_ROW_BYTES) return (this.foundSoFar = true);
    if (isBreak) this.skipBlankLine(byte);
    else if (byte === QUOTE) this.quoted = !this.quoted;
    else if (!this.quoted) this.counts.set(byte, (this.counts.get(byte) ?? 0) + 1);
    if (!isBreak && byte !== SPACE && byte !== TAB && byte !== BOM[this.offset]) this.foundSoFar = true;
    return false;
  }

  private skipBlankLine(byte: number): void {
    this.lineStart = this.offset + 1;
    this.counts.clear();
    if (byte === LF && this.previous === CR) return;
    this.line += 1;
  }
}
