import type { RejectionReason } from '../../domain/list-row.ts';
import { showHeaderCell, showMaskedCell } from '../shown-text.ts';

export type CellReason = Exclude<RejectionReason, 'cells' | 'heading'>;
type Language = 'en' | 'ko';

/**
 * Why a row is rejected and what it should hold, in English and then in Korean, for whoever opens rejected.csv. Ids
 * masked. `cell` as it stands in the list.
 */
export function describeRejection(reason: CellReason, cell: string, column: string): string {
  return both((language) => {
    const name = showHeaderCell(column);
    return language === 'en'
      ? `${name} ${englishFault(reason, cell)}; ${expected(reason, 'en')}.`
      : `${name}: ${koreanFault(reason, cell)}; ${expected(reason, 'ko')}.`;
  });
}

/** Excel shows a result that the file does not hold, as where a program wrote the formula and nobody saved it since. */
export function describeNoResult(column: string): string {
  const name = showHeaderCell(column);
  return both((language) =>
    language === 'en'
      ? `${name} holds a formula without a saved result; open the workbook in Excel and save it again, or write the value itself.`
      : `${name}: 결과가 저장되지 않은 수식입니다; 엑셀에서 열어 다시 저장하거나 값을 직접 입력해 주십시오.`,
  );
}

export function describeWrongCells(cells: number, expectedCells: number): string {
  return both((language) =>
    language === 'en'
      ? `The row has ${countOf(cells)} where the header has ${countOf(expectedCells)}.`
      : `이 행은 ${cells}칸, 제목 행은 ${expectedCells}칸입니다.`,
  );
}

export function describeHeading(): string {
  return both((language) =>
    language === 'en'
      ? 'The line holds words and no ids, like a heading of the rows below it; if those are not meant, take them out of the list.'
      : '식별자가 없는 글만 있는 줄로, 아래 행들의 소제목처럼 보입니다; 그 행들이 대상이 아니면 목록에서 빼 주십시오.',
  );
}

function both(words: (language: Language) => string): string {
  return `${words('en')} | ${words('ko')}`;
}

function countOf(cells: number): string {
  return cells === 1 ? '1 cell' : `${cells} cells`;
}

function englishFault(reason: CellReason, cell: string): string {
  const shown = showMaskedCell(cell);
  switch (reason) {
    case 'user_id_missing':
    case 'par_missing':
      return 'is empty';
    case 'user_id_zero':
      return 'is zero';
    case 'user_id_length':
      return `${shown} has more than 19 digits`;
    case 'user_id_format':
      return `${shown} holds something other than digits${foreignCharacters(cell)}`;
    case 'par_length':
      return `${shown} has ${lengthOf(cell)} characters`;
    case 'par_lower_case':
      return `${shown} has small letters`;
    case 'par_format':
      return `${shown} holds something other than A-Z and 0-9${foreignCharacters(cell)}`;
    case 'user_id_error':
    case 'par_error':
      return `holds the error ${shownError(cell)} of a formula`;
  }
}

function koreanFault(reason: CellReason, cell: string): string {
  const shown = showMaskedCell(cell);
  switch (reason) {
    case 'user_id_missing':
    case 'par_missing':
      return '비어 있습니다';
    case 'user_id_zero':
      return '0입니다';
    case 'user_id_length':
      return `${shown} 19자리를 넘습니다`;
    case 'user_id_format':
      return `${shown} 숫자가 아닌 글자가 있습니다${foreignCharacters(cell)}`;
    case 'par_length':
      return `${shown} ${lengthOf(cell)}자입니다`;
    case 'par_lower_case':
      return `${shown} 소문자가 있습니다`;
    case 'par_format':
      return `${shown} A-Z, 0-9가 아닌 글자가 있습니다${foreignCharacters(cell)}`;
    case 'user_id_error':
    case 'par_error':
      return `수식 오류 ${shownError(cell)}입니다`;
  }
}

function expected(reason: CellReason, language: Language): string {
  if (reason.startsWith('user_id')) {
    return language === 'en'
      ? 'expected are 1 to 19 digits, not zero'
      : '0이 아닌 1~19자리 숫자로 고쳐 주십시오';
  }
  return language === 'en'
    ? 'expected are exactly 27 characters of A-Z and 0-9'
    : 'A-Z, 0-9로 된 정확히 27자로 고쳐 주십시오';
}

function lengthOf(cell: string): number {
  return Array.from(cell.trim()).length;
}

/** Only what a spreadsheet writes itself, such as #N/A; anything else may be personal. */
function shownError(cell: string): string {
  return /^#[A-Z0-9/!?_]{1,20}$/.test(cell.trim()) ? cell.trim() : '#';
}

const MOST_SHOWN = 3;

/** A letter that only looks like one of ours can't be seen: its code point tells it. */
function foreignCharacters(cell: string): string {
  const foreign = Array.from(cell.trim()).filter((character) => character > '~');
  const points = [...new Set(foreign)].map(
    (character) => `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
  );
  if (points.length === 0) return '';
  return ` (${points.slice(0, MOST_SHOWN).join(', ')}${points.length > MOST_SHOWN ? ' …' : ''})`;
}
