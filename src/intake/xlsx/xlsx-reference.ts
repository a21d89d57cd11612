/** Excel's limits: 16,384 columns (XFD) and 1,048,576 rows. */
export const MAX_COLUMNS = 16_384;
export const MAX_ROWS = 1_048_576;

const A = 'A'.charCodeAt(0);
const LETTERS = 26;
const MOST_LETTERS = 3;
const ZERO = '0'.charCodeAt(0);

/** Returns a column's letters: `A` for 0, `AA` for 26. */
export function columnLetters(index: number): string {
  let letters = '';
  for (let rest = index + 1; rest > 0; rest = Math.floor((rest - 1) / LETTERS)) {
    letters = String.fromCharCode(A + ((rest - 1) % LETTERS)) + letters;
  }
  return letters;
}

/** Reads `B3` as row 3 and column index 1; returns null for anything that can't name a cell. */
export function parseReference(reference: string): { readonly row: number; readonly column: number } | null {
  let column = 0;
  let at = 0;
  for (; at < reference.length; at += 1) {
    const letter = reference.charCodeAt(at) - A;
    if (!(letter >= 0 && letter < LETTERS)) break;
    column = column * LETTERS + letter + 1;
  }
  const row = at === 0 || at > MOST_LETTERS ? null : parseRowNumber(reference.slice(at));
  return row !== null && column <= MAX_COLUMNS ? { row, column: column - 1 } : null;
}

/** Reads the row number of `<row r>`; returns null for an impossible one. */
export function parseRowNumber(text: string): number | null {
  let row = 0;
  for (let at = 0; at < text.length; at += 1) {
    const digit = text.charCodeAt(at) - ZERO;
    if (!(digit >= 0 && digit <= 9) || (digit === 0 && at === 0) || row > MAX_ROWS) return null;
    row = row * 10 + digit;
  }
  return row >= 1 && row <= MAX_ROWS ? row : null;
}
