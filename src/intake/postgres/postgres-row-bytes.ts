const COUNT_BYTES = 4;

/**
 * Encodes rows so that only equal rows give equal bytes: a row as its number of cells, a cell as the length of its
 * UTF-8 bytes and the bytes. Numbers are 32-bit big-endian. Rows encoded together or one by one give the same bytes.
 * Cells must be well-formed Unicode, as all text decoded from UTF-8 is.
 */
export function encodeRows(rows: readonly (readonly string[])[]): Buffer {
  const bytes = Buffer.allocUnsafe(sizeOf(rows));
  let at = 0;
  for (const cells of rows) {
    at = bytes.writeUInt32BE(cells.length, at);
    for (const cell of cells) {
      const length = bytes.write(cell, at + COUNT_BYTES);
      bytes.writeUInt32BE(length, at);
      at += COUNT_BYTES + length;
    }
  }
  return bytes;
}

function sizeOf(rows: readonly (readonly string[])[]): number {
  let size = 0;
  for (const cells of rows) {
    size += COUNT_BYTES;
    for (const cell of cells) size += COUNT_BYTES + Buffer.byteLength(cell);
  }
  return size;
}
