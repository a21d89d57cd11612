import type { Words } from '../../domain/language.ts';
import { isPar, isUserId } from '../rows/id-cell.ts';
import { showHeaderCell } from '../shown-text.ts';
import type { Field } from './column-names.ts';

/** The rows below a header, or what stands in their place. */
export type RowsBelow = readonly (readonly string[])[];

const MOST_PROPOSED = 3;

/** Word parts that usually occur in names of these columns. */
const stems: Readonly<Record<Field['key'], RegExp>> = {
  userId: /회원|고객|사용자|이용자|유저|아이디|user|member|mbr|cust|uid/i,
  par: /par|토큰|token|카드식별|카드참조/i,
};

/** Returns the share of a column's filled cells that hold such a value: 0 to 1, and 0 where all cells are empty. */
export function shareOfValues(field: Field, index: number, rows: RowsBelow): number {
  const cells = rows.map((row) => row[index] ?? '').filter((cell) => cell.trim() !== '');
  const holds = field.key === 'userId' ? isUserId : isPar;
  return cells.length === 0 ? 0 : cells.filter(holds).length / cells.length;
}

/**
 * Returns the advice for a column that was not found by its name, or found twice: `--map` with the header that was
 * seen, for `candidates` (positions), or else for columns that look like it. `taken`: position of the other column.
 */
export function proposeColumns(
  header: readonly string[],
  field: Field,
  rows: RowsBelow,
  given: { readonly taken: number | null; readonly candidates: readonly number[] },
): Words {
  const proposals = likely(header, field, rows, given)
    .filter((index) => canBeQuoted(header, index))
    .slice(0, MOST_PROPOSED)
    .map((index) => `--map "${(header[index] ?? '').trim()}"=${field.key}`);
  const flag = proposals.length === 0 ? `--map "its header"=${field.key}` : proposals.join(' or ');
  const flagKo = proposals.length === 0 ? `--map "그 제목"=${field.key}` : proposals.join(' 또는 ');
  return {
    en: `or say which column it is: ${flag} (list.columns.${field.key} in a job file)`,
    ko: `또는 어느 열인지 지정해 주십시오: ${flagKo} (작업 파일에서는 list.columns.${field.key})`,
  };
}

/** Returns the columns that hold such values or have such a name; only those with both, where there are any. */
function likely(
  header: readonly string[],
  field: Field,
  rows: RowsBelow,
  { taken, candidates }: { readonly taken: number | null; readonly candidates: readonly number[] },
): readonly number[] {
  if (candidates.length > 0) return candidates;
  const free = header.flatMap((_, index) => (index === taken ? [] : [index]));
  const named = free.filter((index) => stems[field.key].test((header[index] ?? '').normalize('NFKC')));
  const holding = free.filter((index) => shareOfValues(field, index, rows) >= 0.5);
  const both = named.filter((index) => holding.includes(index));
  if (both.length > 0) return both;
  // Many columns hold numbers that could be user ids, but nothing else looks like a PAR.
  if (field.key === 'par' && holding.length > 0) return holding;
  return named.length > 0 ? named : holding;
}

/**
 * Returns whether a header cell can be pasted into a shell in double quotes, is shown whole, and names only one
 * column.
 */
function canBeQuoted(header: readonly string[], index: number): boolean {
  const name = (header[index] ?? '').trim();
  const isPlain = name !== '' && !/["$`\\!\p{C}]/u.test(name) && !name.startsWith('-');
  return (
    isPlain && showHeaderCell(name) === name && header.filter((cell) => cell.trim() === name).length === 1
  );
}
