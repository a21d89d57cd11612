/** Excel's own limits: 16,384 columns (XFD) and 1,048,576 rows. */
export const MAX_COLUMNS = 16_384;
export const MAX_ROWS = 1_048_576;

const A = 'A'.charCodeAt(0);
const LETTERS = 26;

/** `A` for 0, `AA` for 26. */
export function columnLetters(index: number): string {
  let letters = '';
  for (let rest = index + 1; rest > 0; rest = Math.floor((rest - 1) / LETTERS)) {
    letters = String.fromCharCode(A + ((rest - 1) % LETTERS)) + letters;
  }
  return letters;
}

/** Reads `B3` as row 3 and column index 1; null for anything a cell can't be called. */
export function parseReference(reference: string): { readonly row: number; readonly column: number } | null {
  const [, letters, digits] = /^([A-Z]{1,3})([1-9][0-9]{0,6})$/.exec(reference) ?? [];
  if (letters === undefined || digits === undefined) return null;
  let column = 0;
  for (const letter of letters) column = column * LETTERS + (letter.charCodeAt(0) - A + 1);
  const row = Number(digits);
  return column <= MAX_COLUMNS && row <= MAX_ROWS ? { row, column: column - 1 } : null;
}

/** A row number as `<row r>` has it; null for what no row can be. */
export function parseRowNumber(text: string): number | null {
  if (!/^[1-9][0-9]{0,6}$/.test(text)) return null;
  const row = Number(text);
  return row <= MAX_ROWS ? row : null;
}
