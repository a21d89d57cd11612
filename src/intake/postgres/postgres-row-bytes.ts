const COUNT_BYTES = 4;

/**
 * Rows in one form that only the same rows have: a row as the number of its cells, a cell as the length of its UTF-8
 * bytes and the bytes; numbers are 32 bits, big-endian. Rows encoded together or one by one give the same bytes.
 * Cells are well-formed Unicode, as everything decoded from UTF-8 is.
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
