import { normaliseName } from '../header/column-names.ts';
import type { FoundHeader } from '../header/list-header.ts';
import { damageOfText } from './damaged-cell.ts';
import { isPar, isUserId } from './id-cell.ts';
import { isSpreadsheetError } from './row-content.ts';

/**
 * The kind of a line without ids. `words`: only words, such as a heading. `note`: such as a print date with its
 * label. `ruler`: a dividing line. `beside`: a text beside the table. Null means a row, though a bad one.
 */
export type FootLine = 'words' | 'note' | 'ruler' | 'beside';

/** Labels, normalised, of lines that printing programs put below a list. */
const labels: ReadonlySet<string> = new Set(
  [
    '출력일 출력일시 출력일자 출력자 출력시간 인쇄일 인쇄일시 작성일 작성일시 작성일자 작성자 기준일 기준일시 기준일자 조회일 조회일시 조회일자 조회기간 조회자',
    '추출일 추출일시 추출일자 추출자 생성일 생성일시 생성일자 생성자 담당자 확인자 승인자 결재 부서 문의 연락처 비고 주의 참고 주석 출처 페이지 이하여백 끝',
    '이상 대외비 end eof endofreport endoffile printed printedon printedat printedby printdate',
    'date created createdon createdat createdby generated generatedon generatedat generatedby',
    'reportdate rundate asof exported exportedon exportedat exportedby page note notes remark',
    'remarks source confidential preparedby',
  ].flatMap((words) => words.split(' ')),
);

/** A longer text is no label, but may be a note. */
const LONGEST_LABEL = 40;
const RULER = /^[|+:\s]*[-=_─━]{3,}[-=_─━|+:\s]*$/;
const NOTE_SIGN = /^[※*#<[(►▶■●○◆◇※-]/;

/** Returns the kind of a line in which neither id can be read. `cells` are given as they stand in the source. */
export function findFootLine(cells: readonly string[], header: FoundHeader): FootLine | null {
  const filled = cells.flatMap((cell, index) => (cell.trim() === '' ? [] : [{ cell: cell.trim(), index }]));
  const [first, ...others] = filled;
  if (first === undefined) return null;
  if (first.index >= header.cells.length) return 'beside';
  if (filled.every(({ cell }) => RULER.test(cell))) return 'ruler';
  if (filled.some(({ cell }) => isUserId(cell) || isPar(cell) || isSpreadsheetError(cell))) return null;
  const isIdColumn = first.index === header.userId || first.index === header.par;
  const isWords = countOf(/\p{L}/gu, first.cell) > countOf(/\p{Nd}/gu, first.cell);
  if (others.length === 0 && isWords && (isIdColumn || NOTE_SIGN.test(first.cell))) return 'words';
  if (others.length === 0 && damageOfText(first.cell) === 'date') return isIdColumn ? 'note' : null;
  return isNote(
    first.cell,
    others.map(({ cell }) => cell),
    isIdColumn,
  )
    ? 'note'
    : null;
}

/**
 * Returns whether a line is a note: a label, alone or with its value in the same cell or beside it; or words with
 * dates and times only.
 */
function isNote(first: string, others: readonly string[], isIdColumn: boolean): boolean {
  if (others.length > 2) return false;
  if (labels.has(labelOf(first)) || (others.length === 0 && NOTE_SIGN.test(first))) return true;
  const isLabel = !hasDigit(first) && first.length <= LONGEST_LABEL && isIdColumn;
  return isLabel && others.length > 0 && others.every((cell) => damageOfText(cell) === 'date');
}

/** Returns the label of a cell: `출력일` for `출력일: 2026-11-28`, `Page` for `Page 1 of 3`. */
function labelOf(cell: string): string {
  const [words = ''] = cell.normalize('NFKC').split(/[:：\d]/);
  return words.length > LONGEST_LABEL ? '' : normaliseName(words.replace(NOTE_SIGN, ''));
}

function countOf(kind: RegExp, text: string): number {
  return text.match(kind)?.length ?? 0;
}

function hasDigit(text: string): boolean {
  return /\p{Nd}/u.test(text);
}
