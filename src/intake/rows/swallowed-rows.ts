import type { FoundHeader } from '../header/list-header.ts';
import { isPar, isUserId } from './id-cell.ts';

/**
 * Returns the position of a cell in which an unclosed quote swallowed rows of the list; -1 where there is none. One
 * of the lines inside must have as many cells as the list, with a user id and a PAR in the two columns. The first and
 * last line inside share their row with the cells around the quotes, so there at least one of the two ids must stand
 * inside.
 */
export function findSwallowingCell(
  cells: readonly string[],
  header: Pick<FoundHeader, 'cells' | 'userId' | 'par'>,
  delimiter: string,
): number {
  return cells.findIndex((cell, index) => {
    if (!cell.includes('\n') && !cell.includes('\r')) return false;
    const lines = cell.split(/\r\n|\r|\n/);
    const last = lines.length - 1;
    return lines.some((line, at) => {
      const inside = line.split(delimiter);
      if (at > 0 && at < last) return isMemberLine(inside, header);
      const before = at === 0 ? cells.slice(0, index) : [];
      const whole = [...before, ...inside, ...(at === last ? cells.slice(index + 1) : [])];
      const isInside = (column: number): boolean =>
        column >= before.length && column < before.length + inside.length;
      return (
        (isInside(header.userId) || isInside(header.par)) && inside.length > 1 && isMemberLine(whole, header)
      );
    });
  });
}

/** Treats missing or extra cells at the end as `fitRow` does: they do not matter where they are empty. */
function isMemberLine(
  line: readonly string[],
  header: Pick<FoundHeader, 'cells' | 'userId' | 'par'>,
): boolean {
  const isAsWide = line.slice(header.cells.length).every((cell) => cell.trim() === '');
  return isAsWide && isUserId(line[header.userId] ?? '') && isPar(line[header.par] ?? '');
}
