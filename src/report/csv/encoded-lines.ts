/** Largest number of UTF-8 bytes for one UTF-16 code unit. */
const MOST_BYTES_A_CHARACTER = 3;

/**
 * The lines of a page as bytes, encoded once for all files that contain them. The memory is reused for the next page.
 */
export class EncodedLines {
  private bytes: Buffer = Buffer.alloc(0);
  /** The end of each line; the first entry is the start of the first line. */
  private ends: number[] = [0];

  encode(lines: readonly string[]): void {
    const most = lines.reduce((sum, line) => sum + line.length * MOST_BYTES_A_CHARACTER, 0);
    if (most > this.bytes.length) this.bytes = Buffer.allocUnsafeSlow(most * 2);
    let end = 0;
    this.ends = [0];
    for (const line of lines) {
      end += this.bytes.write(line, end);
      this.ends.push(end);
    }
  }

  /**
   * Returns the bytes from line `first` up to the line before `last`, counted from 0. They are valid until the next
   * page is encoded.
   */
  between(first: number, last: number): Buffer {
    return this.bytes.subarray(this.ends[first] ?? 0, this.ends[last] ?? 0);
  }
}
