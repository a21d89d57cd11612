import stringWidth from 'string-width';
import { cleanUntrustedText } from '../../domain/untrusted-text.ts';

/** Formats columns side by side, with numbers to the right. Hangul is two columns wide. */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  // Names, notes and words in cells come from outside.
  const cells = rows.map((row) => row.map((cell) => cleanUntrustedText(String(cell))));
  const widths = header.map((title, column) =>
    Math.max(stringWidth(title), ...cells.map((row) => stringWidth(row[column] ?? ''))),
  );
  const isNumber = header.map(
    (_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const blanks = ' '.repeat((widths[column] ?? 0) - stringWidth(cell));
        return isNumber[column] === true ? blanks + cell : cell + blanks;
      })
      .join('  ')
      .trimEnd();
  return [header, ...cells].map((row) => `  ${line(row)}\n`).join('');
}
